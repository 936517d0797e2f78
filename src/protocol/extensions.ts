import { HandshakeError } from "./errors.ts";

/** One extension of a `Sec-WebSocket-Extensions` header. */
export interface Extension {
  readonly name: string;
  /** In order of appearance; a name may stand twice. `true`: without a value. */
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

/** More extensions in one header than anybody offers: beyond it the handshake is refused. */
const MAX_EXTENSIONS = 64;

const ITEM = /[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*/y;
const VALUE = /[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[^"\\]|\\.)*)")[ \t]*/y;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads a `Sec-WebSocket-Extensions` header (RFC 6455 §9.1). A quoted value must, unquoted, be a token.
 * Throws `HandshakeError` (400) for anything else.
 */
export function parseExtensions(header: string): Extension[] {
  const extensions: Extension[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match === null) throw malformed();
    at = pattern.lastIndex;
    return match;
  };
  while (true) {
    const parameters: [string, string | true][] = [];
    extensions.push({ name: take(ITEM)[1]!, parameters });
    if (extensions.length > MAX_EXTENSIONS) throw malformed();
    while (header[at] === ";") {
      at += 1;
      const name = take(ITEM)[1]!;
      if (header[at] !== "=") {
        parameters.push([name, true]);
        continue;
      }
      at += 1;
      const [, token, quoted] = take(VALUE);
      const value = token ?? quoted!.replace(/\\(.)/g, "$1");
      if (!TOKEN.test(value)) throw malformed();
      parameters.push([name, value]);
    }
    if (at === header.length) return extensions;
    if (header[at] !== ",") throw malformed();
    at += 1;
  }
}

/** Writes an extension as it stands in the header. */
export function formatExtension({ name, parameters }: Extension): string {
  return [name, ...parameters.map(([key, value]) => (value === true ? key : `${key}=${value}`))].join("; ");
}

function malformed(): HandshakeError {
  return new HandshakeError(
    "WS_ERR_HANDSHAKE_HEADER",
    400,
    'The "Sec-WebSocket-Extensions" header is malformed.',
  );
}
