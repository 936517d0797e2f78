import { type Case, serverHandshake } from "../case.ts";
import type { RequestChanges } from "../door.ts";
import { must } from "../../lib/verdict.ts";
import { OPCODE, pieces } from "../../lib/wire/frame.ts";
import { field, USUAL_KEY } from "../../lib/wire/http.ts";
import type { Peer } from "../wire/peer.ts";

async function checkEcho(peer: Peer): Promise<void> {
  await peer.send({ opcode: OPCODE.text, payload: "hello" });
  await peer.expectText("hello");
  await peer.finish();
}

/** A request that must open the connection. */
function opens(name: string, section: string, sentence: string, changes: RequestChanges = {}): Case {
  return serverHandshake(`handshake/${name}`, section, sentence, async (door) => {
    await checkEcho(await door.enter(changes));
  });
}

function withKey(name: string, key: string): Case {
  const id = `handshake/key-${name}`;
  return serverHandshake(id, "6455 §4.2.2", "Computes the accept value of this key.", async (door) => {
    const stream = await door.dial();
    await stream.write(door.request({ set: { "Sec-WebSocket-Key": key } }));
    await checkEcho(await door.expectOpen(stream, [], key));
  });
}

/** The request and frames behind it, in pieces of these lengths (the rest follows whole). */
function delivered(name: string, sentence: string, cut: (request: Buffer) => Uint8Array[]): Case {
  return serverHandshake(`handshake/${name}`, "6455 §4.2", sentence, async (door) => {
    const stream = await door.dial();
    await stream.writeApart(cut(Buffer.from(door.request())));
    await checkEcho(await door.expectOpen(stream));
  });
}

function offersProtocols(name: string, value: string | readonly string[], offered: readonly string[]): Case {
  const id = `handshake/subprotocol-${name}`;
  const sentence = "Answers one of the subprotocols that were offered, or none.";
  return serverHandshake(id, "6455 §4.2.2", sentence, async (door) => {
    const stream = await door.dial();
    await stream.write(door.request({ set: { "Sec-WebSocket-Protocol": value } }));
    const { answer, peer } = await door.open(stream);
    const chosen = field(answer, "sec-websocket-protocol");
    must(
      chosen === undefined || offered.includes(chosen),
      `one of ${offered.join(", ")}, or none`,
      `"${chosen}"`,
    );
    await checkEcho(peer);
  });
}

const REQUESTS: Case[] = [
  opens("plain", "6455 §4.2", "Accepts the plain request."),
  opens("field-names-lower-case", "6455 §4.2.1", "Reads field names in any case.", {
    set: {
      host: "localhost",
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-key": USUAL_KEY,
      "sec-websocket-version": "13",
    },
  }),
  opens("field-names-upper-case", "6455 §4.2.1", "Reads field names in any case.", {
    set: {
      HOST: "localhost",
      UPGRADE: "websocket",
      CONNECTION: "Upgrade",
      "SEC-WEBSOCKET-KEY": USUAL_KEY,
      "SEC-WEBSOCKET-VERSION": "13",
    },
  }),
  opens("upgrade-capitalized", "6455 §4.2.1", "Reads the Upgrade token in any case.", {
    set: { Upgrade: "WebSocket" },
  }),
  opens("upgrade-upper-case", "6455 §4.2.1", "Reads the Upgrade token in any case.", {
    set: { Upgrade: "WEBSOCKET" },
  }),
  opens("upgrade-list", "7230 §6.7", "Finds websocket among several protocols in Upgrade.", {
    set: { Upgrade: "h2c, websocket" },
  }),
  opens("connection-lower-case", "6455 §4.2.1", "Reads the Connection token in any case.", {
    set: { Connection: "upgrade" },
  }),
  opens("connection-upper-case", "6455 §4.2.1", "Reads the Connection token in any case.", {
    set: { Connection: "UPGRADE" },
  }),
  opens("connection-list", "6455 §4.2.1", "Finds Upgrade in a list.", {
    set: { Connection: "keep-alive, Upgrade" },
  }),
  opens("connection-list-first", "6455 §4.2.1", "Finds Upgrade in a list.", {
    set: { Connection: "Upgrade,keep-alive" },
  }),
  opens("connection-twice", "7230 §3.2.2", "Finds Upgrade in the second of two fields.", {
    set: { Connection: ["keep-alive", "Upgrade"] },
  }),
  opens("spaces-around-values", "7230 §3.2.4", "Ignores white space around values.", {
    set: { Upgrade: "  websocket \t", Connection: "\tUpgrade  ", "Sec-WebSocket-Version": "   13 " },
  }),
  opens("no-space-after-colon", "7230 §3.2.4", "Needs no space after the colon.", {
    set: { Upgrade: undefined },
    rawLines: "Upgrade:websocket\r\n",
  }),
  opens("origin", "6455 §4.2.1", "Accepts a request with an Origin.", {
    set: { Origin: "http://localhost" },
  }),
  opens("usual-browser-fields", "6455 §4.2.1", "Accepts what a browser sends along.", {
    set: {
      Pragma: "no-cache",
      "Cache-Control": "no-cache",
      "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
      Cookie: "theme=dark; session=abc",
      "Accept-Encoding": "gzip, deflate, br",
      "Accept-Language": "de-DE,de;q=0.9,en;q=0.8",
    },
  }),
  opens("fifty-more-fields", "6455 §4.2.1", "Accepts fifty fields that it does not know.", {
    set: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`X-Test-${i}`, `value ${i}`])),
  }),
  opens("field-of-4-kib", "6455 §4.2.1", "Accepts a field of 4 KiB.", {
    set: { Cookie: `long=${"x".repeat(4096)}` },
  }),
  opens("empty-field", "7230 §3.2", "Accepts a field without a value.", { set: { "X-Empty": "" } }),
  opens("host-without-port", "6455 §4.2.1", "Accepts a Host without a port.", { set: { Host: "localhost" } }),
];

const KEYS: Case[] = [
  withKey("of-the-rfc", "dGhlIHNhbXBsZSBub25jZQ=="),
  withKey("of-zeros", Buffer.alloc(16).toString("base64")),
  withKey("of-ones", Buffer.alloc(16, 0xff).toString("base64")),
  withKey("with-plus-and-slash", "+/+/+/+/+/+/+/+/+/+/+w=="),
  withKey("of-letters", Buffer.from("sixteen letters!").toString("base64")),
];

const EXTENSIONS: Case[] = [
  opens("extension-unknown", "6455 §9.1", "Declines an extension that it does not know.", {
    set: { "Sec-WebSocket-Extensions": "x-unknown" },
  }),
  opens("extensions-unknown", "6455 §9.1", "Declines several extensions with parameters.", {
    set: { "Sec-WebSocket-Extensions": "x-one; a=1; b, x-two; c=token" },
  }),
  opens("extensions-in-two-fields", "6455 §9.1", "Reads offers spread over two fields.", {
    set: { "Sec-WebSocket-Extensions": ["x-one", "x-two; a=1"] },
  }),
  opens("extension-quoted-value", "6455 §9.1", "Reads a parameter in quotes.", {
    set: { "Sec-WebSocket-Extensions": 'x-one; a="token"' },
  }),
];

const DELIVERIES: Case[] = [
  delivered("byte-by-byte", "Accepts a request that comes byte by byte.", (request) => pieces(request, 1)),
  delivered("in-pieces-of-7", "Accepts a request in small pieces.", (request) => pieces(request, 7)),
  delivered("cut-in-request-line", "Accepts a request cut in its first line.", (request) => [
    request.subarray(0, 5),
    request.subarray(5),
  ]),
  delivered("cut-in-last-line-end", "Accepts a request cut in its last line end.", (request) => [
    request.subarray(0, -1),
    request.subarray(-1),
  ]),
  delivered("cut-before-last-line-end", "Accepts a request cut before its last line end.", (request) => [
    request.subarray(0, -2),
    request.subarray(-2),
  ]),
  serverHandshake(
    "handshake/with-frame",
    "6455 §4.2.2",
    "Reads a frame that comes in the request's segment.",
    async (door) => {
      const stream = await door.dial();
      // "early", masked with a key of zeros.
      await stream.write(
        Buffer.concat([
          Buffer.from(door.request()),
          Buffer.from("818500000000", "hex"),
          Buffer.from("early"),
        ]),
      );
      const peer = await door.expectOpen(stream);
      await peer.expectText("early");
      await checkEcho(peer);
    },
  ),
  serverHandshake(
    "handshake/with-two-frames",
    "6455 §4.2.2",
    "Reads all frames in the request's segment.",
    async (door) => {
      const stream = await door.dial();
      const frames = Buffer.from("8181000000003189800000000081810000000032", "hex");
      await stream.write(Buffer.concat([Buffer.from(door.request()), frames]));
      const peer = await door.expectOpen(stream);
      const came: string[] = [];
      while (came.length < 3) {
        const received = await peer.next("two texts and a pong");
        came.push("data" in received ? `${received.type} ${received.data.toString()}` : received.type);
      }
      must(
        came.filter((one) => one !== "pong ").join() === "text 1,text 2",
        "text 1, text 2 and a pong",
        came.join(", "),
      );
      await checkEcho(peer);
    },
  ),
  serverHandshake(
    "handshake/with-part-of-frame",
    "6455 §4.2.2",
    "Keeps the start of a frame in the request's segment.",
    async (door) => {
      const stream = await door.dial();
      await stream.write(Buffer.concat([Buffer.from(door.request()), Buffer.from("8185000000", "hex")]));
      const peer = await door.expectOpen(stream);
      await peer.sendBytes(Buffer.concat([Buffer.of(0), Buffer.from("early")]));
      await peer.expectText("early");
      await checkEcho(peer);
    },
  ),
  serverHandshake(
    "handshake/with-64k-frame",
    "6455 §4.2.2",
    "Reads a large frame right behind the request.",
    async (door) => {
      const stream = await door.dial();
      const frame = Buffer.concat([
        Buffer.from("82ff000000000001000000000000", "hex"),
        Buffer.alloc(65536, 7),
      ]);
      await stream.write(Buffer.concat([Buffer.from(door.request()), frame]));
      const peer = await door.expectOpen(stream);
      await peer.expectBinary(Buffer.alloc(65536, 7));
      await checkEcho(peer);
    },
  ),
  serverHandshake(
    "handshake/with-garbage",
    "6455 §5.2",
    "Opens, then fails on garbage right behind the request.",
    async (door) => {
      const stream = await door.dial();
      await stream.write(`${door.request()}GET / HTTP/1.1\r\n\r\n`);
      const peer = await door.expectOpen(stream);
      await peer.expectFailure(1002);
    },
  ),
  serverHandshake(
    "handshake/with-zeros",
    "6455 §5.2",
    "Opens, then fails on zeros right behind the request.",
    async (door) => {
      const stream = await door.dial();
      await stream.write(Buffer.concat([Buffer.from(door.request()), Buffer.alloc(64)]));
      const peer = await door.expectOpen(stream);
      await peer.expectFailure(1002);
    },
  ),
];

const PROTOCOLS: Case[] = [
  offersProtocols("one", "chat", ["chat"]),
  offersProtocols("several", "chat, superchat, v2.chat.example", ["chat", "superchat", "v2.chat.example"]),
  offersProtocols("without-spaces", "chat,superchat", ["chat", "superchat"]),
  offersProtocols("in-two-fields", ["chat", "superchat"], ["chat", "superchat"]),
  offersProtocols("odd-characters", "a!#$%&'*+-.^_`|~9", ["a!#$%&'*+-.^_`|~9"]),
];

/** Requests that must open the connection. */
export const validHandshakes: Case[] = [...REQUESTS, ...KEYS, ...EXTENSIONS, ...DELIVERIES, ...PROTOCOLS];
