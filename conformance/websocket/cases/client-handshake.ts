import { type Case, clientHandshake } from "../case.ts";
import type { AnswerChanges } from "../client-visit.ts";
import { must } from "../../lib/verdict.ts";
import { OPCODE, pieces } from "../../lib/wire/frame.ts";
import { field, hasToken } from "../../lib/wire/http.ts";
import type { Peer } from "../wire/peer.ts";

async function checkEcho(peer: Peer): Promise<void> {
  await peer.send({ opcode: OPCODE.text, payload: "hello" });
  await peer.expectText("hello");
  await peer.finish();
}

/** An answer after which the client must go on. */
function accepts(name: string, section: string, sentence: string, changes: AnswerChanges): Case {
  return clientHandshake(`client/${name}`, section, sentence, async (visit) => {
    await checkEcho(await visit.open(changes));
  });
}

/** An answer after which the client must end the stream without a frame. */
function refuses(name: string, section: string, sentence: string, changes: AnswerChanges): Case {
  return clientHandshake(`client/${name}`, section, sentence, async (visit) => {
    await visit.answer(changes);
    await visit.expectLeaving();
  });
}

const REQUEST: Case = clientHandshake(
  "client/request",
  "6455 §4.1",
  "Sends a valid request.",
  async (visit) => {
    const { head } = visit;
    const line = /^GET \/\S* HTTP\/1\.1$/.test(head.line);
    must(line, "a GET in HTTP/1.1", `"${head.line}"`);
    must(field(head, "host") !== undefined, "a Host", "none");
    must(hasToken(head, "upgrade", "websocket"), "Upgrade: websocket", `Upgrade: ${field(head, "upgrade")}`);
    must(
      hasToken(head, "connection", "upgrade"),
      "Connection: Upgrade",
      `Connection: ${field(head, "connection")}`,
    );
    must(
      field(head, "sec-websocket-version") === "13",
      "version 13",
      `${field(head, "sec-websocket-version")}`,
    );
    const key = Buffer.from(field(head, "sec-websocket-key") ?? "", "base64");
    must(key.length === 16, "a key of 16 bytes", `${key.length} bytes`);
    await checkEcho(await visit.open());
  },
);

const DELIVERIES: Case[] = [
  clientHandshake(
    "client/byte-by-byte",
    "6455 §4.1",
    "Reads an answer that comes byte by byte.",
    async (visit) => {
      await visit.stream.writeApart(pieces(Buffer.from(visit.answerText()), 1));
      await checkEcho(visit.peer());
    },
  ),
  clientHandshake(
    "client/with-frame",
    "6455 §4.1",
    "Reads a frame that comes in the answer's segment.",
    async (visit) => {
      await visit.stream.write(
        Buffer.concat([Buffer.from(visit.answerText()), Buffer.from("81056561726c79", "hex")]),
      );
      const peer = visit.peer();
      await peer.expectText("early");
      await checkEcho(peer);
    },
  ),
  clientHandshake(
    "client/with-part-of-frame",
    "6455 §4.1",
    "Keeps the start of a frame in the answer's segment.",
    async (visit) => {
      await visit.stream.write(Buffer.concat([Buffer.from(visit.answerText()), Buffer.from("8105", "hex")]));
      const peer = visit.peer();
      await peer.sendBytes(Buffer.from("early"));
      await peer.expectText("early");
      await checkEcho(peer);
    },
  ),
  clientHandshake(
    "client/ends-inside-answer",
    "6455 §4.1",
    "Leaves when the stream ends inside the answer.",
    async (visit) => {
      await visit.stream.write(visit.answerText().slice(0, 60));
      visit.stream.end();
      await visit.expectLeaving();
    },
  ),
];

/** What a client sends to open a connection, and which answers it takes. */
export const clientHandshakes: Case[] = [
  REQUEST,
  accepts("field-names-lower-case", "6455 §4.1", "Reads field names in any case.", { lowerCase: true }),
  accepts("token-case", "6455 §4.1", "Reads tokens in any case.", {
    set: { Upgrade: "WebSocket", Connection: "upgrade" },
  }),
  accepts("connection-list", "6455 §4.1", "Finds Upgrade in a list.", {
    set: { Connection: "keep-alive, Upgrade" },
  }),
  accepts("more-fields", "6455 §4.1", "Ignores fields that it does not know.", {
    set: { Server: "test", "X-Test": "1", Date: "now" },
  }),
  accepts("other-reason", "6455 §4.1", "Does not mind the words after the status.", {
    line: "HTTP/1.1 101 Whatever",
  }),
  ...DELIVERIES,
  refuses("status-200", "6455 §4.1", "Refuses a status other than 101.", { line: "HTTP/1.1 200 OK" }),
  refuses("status-404", "6455 §4.1", "Refuses a status other than 101.", { line: "HTTP/1.1 404 Not Found" }),
  refuses("upgrade-missing", "6455 §4.1", "Refuses an answer without Upgrade.", {
    set: { Upgrade: undefined },
  }),
  refuses("upgrade-other", "6455 §4.1", "Refuses an answer with another Upgrade.", {
    set: { Upgrade: "h2c" },
  }),
  refuses("connection-missing", "6455 §4.1", "Refuses an answer without Connection.", {
    set: { Connection: undefined },
  }),
  refuses("connection-other", "6455 §4.1", "Refuses an answer with another Connection.", {
    set: { Connection: "close" },
  }),
  refuses("accept-missing", "6455 §4.1", "Refuses an answer without an accept value.", {
    set: { "Sec-WebSocket-Accept": undefined },
  }),
  refuses("accept-wrong", "6455 §4.1", "Refuses the accept value of another key.", {
    set: { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
  }),
  refuses("accept-other-case", "6455 §4.1", "Refuses an accept value in another case.", {
    upperCaseAccept: true,
  }),
  refuses("extension-unoffered", "6455 §4.1", "Refuses an extension that it did not offer.", {
    set: { "Sec-WebSocket-Extensions": "x-unoffered" },
  }),
  refuses("subprotocol-unoffered", "6455 §4.1", "Refuses a subprotocol that it did not offer.", {
    set: { "Sec-WebSocket-Protocol": "x-unoffered" },
  }),
  refuses("no-http", "6455 §4.1", "Refuses an answer that is no HTTP.", { line: "WHAT IS THIS" }),
];
