/**
 * A heartbeat that a page, which can't send pings, sends as a text message:
 * `{ request: "ping", response: "pong" }` answers one text with another;
 * `{ json: { type: "heartbeat" } }` returns, unchanged, every JSON object in which these members have these values.
 */
export type TextHeartbeat =
  | { readonly request: string; readonly response: string }
  | { readonly json: Readonly<Record<string, string | number | boolean | null>> };

/** A longer message is not a heartbeat. */
const MAX_HEARTBEAT_BYTES = 512;
const OPENING_BRACE = 0x7b;

/** The answer to a text message if it is one of these heartbeats; the application does not see it then. */
export function answerHeartbeat(
  heartbeats: readonly TextHeartbeat[],
  bytes: Buffer,
  start: number,
  end: number,
): string | undefined {
  if (end - start > MAX_HEARTBEAT_BYTES) return undefined;
  const text = bytes.toString("utf8", start, end);
  let value: unknown;
  if (bytes[start] === OPENING_BRACE && heartbeats.some((heartbeat) => "json" in heartbeat)) {
    value = parse(text);
  }
  for (const heartbeat of heartbeats) {
    if ("json" in heartbeat) {
      if (matches(value, heartbeat.json)) return text;
    } else if (text === heartbeat.request) return heartbeat.response;
  }
  return undefined;
}

function matches(value: unknown, members: Readonly<Record<string, unknown>>): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(members).every(
    ([name, expected]) => Object.hasOwn(value, name) && (value as Record<string, unknown>)[name] === expected,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
