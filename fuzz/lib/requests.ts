import type { SeededRandom } from "../../src/testing/seeded-random.ts";
import { mutateText } from "./mutate.ts";

const KEY_BYTES = 16;
const PROTOCOLS = ["chat", "chat, superchat", "a,b , c", "soap", "v1.room"];
const EXTENSIONS = [
  "permessage-deflate",
  "permessage-deflate; client_max_window_bits",
  "permessage-deflate; client_max_window_bits=10; server_max_window_bits=9",
  'permessage-deflate; server_no_context_takeover; server_max_window_bits="12"',
  "permessage-deflate; client_no_context_takeover; server_max_window_bits=8, permessage-deflate",
  "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits",
  'x-echo; said="a\\"b"; twice; twice',
];
const ALPHABET = [
  ",",
  ";",
  "=",
  '"',
  "\\",
  " ",
  "\t",
  "-",
  "=8",
  "=15",
  "=16",
  "=08",
  "é",
  "\0",
  "A",
  "x".repeat(300),
  ";".repeat(80),
  "a,".repeat(80),
  "permessage-deflate",
  "client_max_window_bits",
];

/** The headers of an opening handshake by their names as Node gives them; often not quite right. */
export function requestHeaders(random: SeededRandom): Record<string, string> {
  const headers: Record<string, string> = {
    host: "localhost",
    upgrade: random.pick(["websocket", "WebSocket", "h2c, websocket"]),
    connection: random.pick(["Upgrade", "keep-alive, Upgrade", "upgrade"]),
    "sec-websocket-version": "13",
    "sec-websocket-key": Buffer.from(random.bytes(KEY_BYTES)).toString("base64"),
  };
  if (random.fraction() < 0.5) headers["sec-websocket-protocol"] = random.pick(PROTOCOLS);
  if (random.fraction() < 0.6) headers["sec-websocket-extensions"] = random.pick(EXTENSIONS);
  if (random.fraction() < 0.3) headers["origin"] = "http://localhost";
  for (let count = random.integer(0, 2); count > 0; count -= 1) {
    const name = random.pick(Object.keys(headers));
    if (random.fraction() < 0.1) delete headers[name];
    else headers[name] = mutateText(headers[name]!, random, ALPHABET);
  }
  return headers;
}

/** An extensions header, mostly a good one. */
export function extensionsHeader(random: SeededRandom): string {
  const header = random.pick(EXTENSIONS);
  return random.fraction() < 0.6 ? mutateText(header, random, ALPHABET) : header;
}
