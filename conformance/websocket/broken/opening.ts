import { createHash } from "node:crypto";
import { type Agreement, negotiate } from "./compression.ts";
import type { FaultName } from "./faults.ts";

/** What a request leads to: a refusal, or an answer that opens the connection. */
export interface Opening {
  text: string;
  open: boolean;
  agreement?: Agreement | undefined;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = `${TOKEN}(?:=(?:${TOKEN}|"${TOKEN}"))?`;
const EXTENSION = `${TOKEN}(?:[ \\t]*;[ \\t]*${PARAMETER})*`;
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*$`);

function listOf(element: string): RegExp {
  return new RegExp(`^${element}(?:[ \\t]*,[ \\t]*${element})*$`);
}

function refusal(status: string, sentence: string, more = ""): Opening {
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n${more}`;
  return { open: false, text: `${head}Content-Length: ${sentence.length}\r\n\r\n${sentence}` };
}

/** Answers an opening request (RFC 6455 §4.2), which comes without its empty last line. */
export function answerRequest(request: string, fault: FaultName | undefined, deflate: boolean): Opening {
  const [line = "", ...lines] = request.split("\r\n");
  const [, method, version] = /^([!-~]+) [!-~]+ HTTP\/(\d\.\d)$/.exec(line) ?? [];
  if (!method) return refusal("400 Bad Request", "This is no HTTP request.");
  if (version !== "1.1") return refusal("505 HTTP Version Not Supported", "Only HTTP/1.1 is spoken here.");
  const fields = readFields(lines, fault === "case-sensitive");
  if (!fields) return refusal("400 Bad Request", "A field is malformed.");
  const get = (name: string): string | undefined =>
    fields.get(fault === "case-sensitive" ? name : name.toLowerCase());
  const tokens = (name: string): string[] =>
    (get(name) ?? "").split(",").map((part) => part.trim().toLowerCase());

  if (get("Host") === undefined || get("Host")!.includes(","))
    return refusal("400 Bad Request", "One Host is needed.");
  if (!tokens("Upgrade").includes("websocket") || !tokens("Connection").includes("upgrade")) {
    return refusal("426 Upgrade Required", "Only WebSocket is spoken here.", "Upgrade: websocket\r\n");
  }
  if (method !== "GET") return refusal("405 Method Not Allowed", "Only GET is served.", "Allow: GET\r\n");
  const spoken = get("Sec-WebSocket-Version");
  if (spoken !== "13" && !(fault === "any-version" && spoken === "12")) {
    return refusal(
      "426 Upgrade Required",
      "Only version 13 is spoken here.",
      "Sec-WebSocket-Version: 13\r\n",
    );
  }
  const key = get("Sec-WebSocket-Key") ?? "";
  if (!/^[+/0-9A-Za-z]{22}==$/.test(key) && fault !== "any-key") {
    return refusal("400 Bad Request", "The key is not base64 of 16 bytes.");
  }
  const extensions = get("Sec-WebSocket-Extensions");
  const protocols = get("Sec-WebSocket-Protocol");
  if (extensions !== undefined && !listOf(EXTENSION).test(extensions))
    return refusal("400 Bad Request", "Bad extensions.");
  if (protocols !== undefined && !listOf(TOKEN).test(protocols))
    return refusal("400 Bad Request", "Bad subprotocols.");
  const chosen = fault === "unoffered-subprotocol" ? "surprise" : protocols?.split(",")[0]!.trim();
  return accept(
    key,
    chosen,
    extensions !== undefined && deflate ? negotiate(extensions, fault) : undefined,
    fault,
  );
}

function accept(
  key: string,
  protocol: string | undefined,
  agreement: Agreement | undefined,
  fault: FaultName | undefined,
): Opening {
  const salt = fault === "wrong-accept" ? "x" : "";
  const accepted = createHash("sha1")
    .update(`${salt}${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accepted}`,
    ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
    ...(agreement ? [`Sec-WebSocket-Extensions: ${agreement.answer}`] : []),
  ];
  return { open: true, agreement, text: `${lines.join("\r\n")}\r\n\r\n` };
}

/** Fields by name, several of one name joined as a list; undefined if a line is malformed. */
function readFields(lines: readonly string[], caseSensitive: boolean): Map<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ""] = FIELD.exec(line) ?? [];
    if (!name) return undefined;
    const key = caseSensitive ? name : name.toLowerCase();
    fields.set(key, fields.has(key) ? `${fields.get(key)}, ${value}` : value);
  }
  return fields;
}
