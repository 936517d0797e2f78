import { type Case, serverHandshake } from "../case.ts";
import type { RequestChanges } from "../door.ts";
import { must } from "../../lib/verdict.ts";
import { field, hasToken } from "../../lib/wire/http.ts";

/** A request that must get a complete HTTP answer with one of these statuses. */
function refused(
  name: string,
  section: string,
  sentence: string,
  statuses: readonly number[] | "any",
  changes: RequestChanges,
): Case {
  return serverHandshake(`handshake/${name}`, section, sentence, async (door) => {
    await door.expectRefusal(door.request(changes), statuses);
  });
}

function method(name: string): Case {
  // 426 is how many servers answer any plain request; 501 is for methods that a server does not know at all.
  return refused(`method-${name}`, "6455 §4.2.1", `Refuses the method ${name}.`, [400, 405, 426, 501], {
    method: name,
  });
}

function key(name: string, sentence: string, value: string | readonly string[] | undefined): Case {
  return refused(`key-${name}`, "6455 §4.2.1", sentence, [400], { set: { "Sec-WebSocket-Key": value } });
}

function version(name: string, value: string | undefined): Case {
  const id = `handshake/version-${name}`;
  return serverHandshake(id, "6455 §4.4", "Answers 426 and names version 13.", async (door) => {
    const answer = await door.expectRefusal(door.request({ set: { "Sec-WebSocket-Version": value } }), [426]);
    const named = hasToken(answer, "sec-websocket-version", "13");
    must(
      named,
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Version: ${field(answer, "sec-websocket-version") ?? "(absent)"}`,
    );
  });
}

function rejected(name: string, section: string, sentence: string, bytes: Uint8Array | string): Case {
  return serverHandshake(`handshake/${name}`, section, sentence, async (door) => {
    await door.expectRejection(bytes);
    // And it still serves others.
    await (await door.enter()).finish();
  });
}

const NO_WEBSOCKET = "Does not open a WebSocket that was not asked for.";
const NO_16_BYTES = "Refuses a key that is not base64 of 16 bytes.";

const FIELDS: Case[] = [
  refused("http-1.0", "6455 §4.2.1", "Refuses HTTP/1.0.", [400, 426, 505], { version: "HTTP/1.0" }),
  refused("host-missing", "7230 §5.4", "Refuses a request without Host.", [400], {
    set: { Host: undefined },
  }),
  refused("host-twice", "7230 §5.4", "Refuses a request with two Hosts.", [400], {
    set: { Host: ["localhost", "elsewhere"] },
  }),
  refused("upgrade-missing", "6455 §4.2.1", NO_WEBSOCKET, "any", { set: { Upgrade: undefined } }),
  refused("upgrade-other", "6455 §4.2.1", NO_WEBSOCKET, "any", { set: { Upgrade: "h2c" } }),
  refused("upgrade-longer-word", "6455 §4.2.1", NO_WEBSOCKET, "any", { set: { Upgrade: "websockets" } }),
  refused("upgrade-part-of-word", "6455 §4.2.1", NO_WEBSOCKET, "any", { set: { Upgrade: "web socket" } }),
  refused("connection-missing", "6455 §4.2.1", NO_WEBSOCKET, "any", { set: { Connection: undefined } }),
  refused("connection-keep-alive", "6455 §4.2.1", NO_WEBSOCKET, "any", { set: { Connection: "keep-alive" } }),
  refused("connection-close", "6455 §4.2.1", NO_WEBSOCKET, "any", { set: { Connection: "close" } }),
  refused("connection-longer-word", "6455 §4.2.1", NO_WEBSOCKET, "any", { set: { Connection: "Upgrades" } }),
  refused("connection-part-of-word", "6455 §4.2.1", NO_WEBSOCKET, "any", {
    set: { Connection: "no-upgrade" },
  }),
];

const KEYS: Case[] = [
  key("missing", "Refuses a request without a key.", undefined),
  key("empty", "Refuses an empty key.", ""),
  key("of-15-bytes", NO_16_BYTES, Buffer.alloc(15, 1).toString("base64")),
  key("of-17-bytes", NO_16_BYTES, Buffer.alloc(17, 1).toString("base64")),
  key("of-1-byte", NO_16_BYTES, "AQ=="),
  key("of-64-bytes", NO_16_BYTES, Buffer.alloc(64, 1).toString("base64")),
  key("without-padding", NO_16_BYTES, "AQEBAQEBAQEBAQEBAQEBAQ"),
  key("not-base64", NO_16_BYTES, "!!!!!!!!!!!!!!!!!!!!!!=="),
  key("base64url", NO_16_BYTES, "-_-_-_-_-_-_-_-_-_-_-w=="),
  key("with-space-inside", NO_16_BYTES, "AQEBAQEBAQE AQEBAQEBAQ=="),
  key("twice", "Refuses two keys.", ["AQEBAQEBAQEBAQEBAQEBAQ==", "AgICAgICAgICAgICAgICAg=="]),
];

const VERSIONS: Case[] = [
  version("missing", undefined),
  version("0", "0"),
  version("7", "7"),
  version("12", "12"),
  version("14", "14"),
  version("25", "25"),
  version("255", "255"),
  version("999", "999"),
];

const MALFORMED: Case[] = [
  refused("version-not-a-number", "6455 §4.2.1", "Refuses a version that is no number.", [400, 426], {
    set: { "Sec-WebSocket-Version": "thirteen" },
  }),
  refused("version-with-letters", "6455 §4.2.1", "Refuses a version that only begins with 13.", [400, 426], {
    set: { "Sec-WebSocket-Version": "13abc" },
  }),
  refused("version-empty", "6455 §4.2.1", "Refuses an empty version.", [400, 426], {
    set: { "Sec-WebSocket-Version": "" },
  }),
  refused("extensions-empty-element", "6455 §9.1", "Refuses extensions that break the grammar.", [400], {
    set: { "Sec-WebSocket-Extensions": "x-one; =1" },
  }),
  refused("extensions-no-name", "6455 §9.1", "Refuses extensions that break the grammar.", [400], {
    set: { "Sec-WebSocket-Extensions": "; a=1" },
  }),
  refused("extensions-open-quote", "6455 §9.1", "Refuses extensions that break the grammar.", [400], {
    set: { "Sec-WebSocket-Extensions": 'x-one; a="open' },
  }),
  refused("subprotocol-not-a-token", "6455 §4.1", "Refuses a subprotocol that is not a token.", [400], {
    set: { "Sec-WebSocket-Protocol": "chat room" },
  }),
  refused(
    "space-before-colon",
    "7230 §3.2.4",
    "Refuses white space between a field's name and its colon.",
    [400],
    {
      rawLines: "X-Test : 1\r\n",
    },
  ),
  refused("field-without-colon", "7230 §3.2", "Refuses a field without a colon.", [400], {
    rawLines: "X-Test\r\n",
  }),
  refused("field-with-zero", "7230 §3.2", "Refuses a zero character in a value.", [400], {
    rawLines: "X-Test: a\0b\r\n",
  }),
  refused("no-version-of-http", "7230 §3.1.1", "Refuses a request line without a version.", [400, 505], {
    version: "",
  }),
];

const REJECTED: Case[] = [
  rejected(
    "no-http",
    "7230 §3.1",
    "Turns away what is no HTTP, and serves the next.",
    "what is this?\r\n\r\n",
  ),
  rejected("no-http-binary", "7230 §3.1", "Turns away bytes that are no HTTP.", Buffer.alloc(200, 0xfe)),
  rejected(
    "tls-or-plain",
    "7230 §3.1",
    "Turns away a TLS greeting on a plain port.",
    Buffer.from("16030100050100000100", "hex"),
  ),
  rejected(
    "endless-fields",
    "7230 §3.2.5",
    "Stops reading fields that never end.",
    `GET / HTTP/1.1\r\nX: ${"x".repeat(1 << 20)}`,
  ),
  serverHandshake(
    "handshake/refused-with-frame",
    "6455 §4.2.2",
    "Answers no frame behind a refused request.",
    async (door) => {
      const stream = await door.dial();
      const frame = Buffer.concat([Buffer.from("818500000000", "hex"), Buffer.from("early")]);
      const request = Buffer.from(door.request({ set: { "Sec-WebSocket-Key": "short" } }));
      await stream.write(Buffer.concat([request, frame]));
      stream.end();
      const all = await stream.readToEnd();
      must(
        all.toString("latin1", 9, 12) === "400",
        "HTTP 400",
        JSON.stringify(all.toString("latin1", 0, 20)),
      );
      must(!all.includes("early"), "no echo", "the frame's payload in the answer");
    },
  ),
  serverHandshake(
    "handshake/client-leaves",
    "6455 §4.2",
    "Survives clients that leave inside the request.",
    async (door) => {
      for (const part of [0, 1, 20, 100]) {
        const stream = await door.dial();
        await stream.write(door.request().slice(0, part));
        stream.destroy();
      }
      await (await door.enter()).finish();
    },
  ),
  serverHandshake(
    "handshake/client-leaves-at-once",
    "6455 §4.2",
    "Survives clients that leave right after the request.",
    async (door) => {
      for (let i = 0; i < 5; i++) {
        const stream = await door.dial();
        await stream.write(door.request());
        stream.destroy();
      }
      await (await door.enter()).finish();
    },
  ),
  serverHandshake(
    "handshake/client-ends-inside",
    "7230 §3.4",
    "Ends its side when a client ends inside the request.",
    async (door) => {
      const stream = await door.dial();
      await stream.write(door.request().slice(0, 60));
      stream.end();
      await stream.readToEnd();
    },
  ),
];

/** Requests that must be refused with an answer a client can understand. */
export const invalidHandshakes: Case[] = [
  ...["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"].map(method),
  refused(
    "method-lower-case",
    "7230 §3.1.1",
    "Refuses the method get, as methods have a case.",
    [400, 405, 501],
    { method: "get" },
  ),
  ...FIELDS,
  ...KEYS,
  ...VERSIONS,
  ...MALFORMED,
  ...REJECTED,
];
