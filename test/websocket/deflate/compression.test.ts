import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PerMessageDeflateOptions } from "../../../src/websocket/index.ts";
import { Compression } from "../../../src/websocket/deflate/compression.ts";
import { ZlibPool } from "../../../src/websocket/deflate/zlib-pool.ts";
import { PreparedMessage } from "../../../src/websocket/prepared-message.ts";
import { deflated, Inflater, noise, prose } from "../../support/payloads.ts";
import { Inbox, nextOf, openClient, openRaw, openWs, serve, serveWs } from "../../support/web-sockets.ts";
import { frame, OPCODE } from "../../support/wire-frames.ts";

const PARAMETERS = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

function makeSettings({ thresholdBytes = 1024, concurrencyLimit = 10, atOnce = true } = {}) {
  return { thresholdBytes, pool: new ZlibPool({ deflate: {}, inflate: {}, concurrencyLimit, atOnce }) };
}

describe("what is worth compressing", () => {
  const isWorthwhile = (changes: Partial<typeof PARAMETERS>, role: "server" | "client", bytes: number) => {
    const compression = new Compression(makeSettings(), { ...PARAMETERS, ...changes }, role, 0);
    const worthwhile = compression.isWorthwhile(bytes);
    compression.close();
    return worthwhile;
  };

  test("with history, everything", () => {
    assert.equal(isWorthwhile({}, "server", 1), true);
    assert.equal(isWorthwhile({ clientNoContextTakeover: true }, "server", 1), true);
    assert.equal(isWorthwhile({ serverNoContextTakeover: true }, "client", 1), true);
  });

  test("without, what is not shorter than the threshold", () => {
    for (const [bytes, expected] of [
      [1023, false],
      [1024, true],
    ] as const) {
      assert.equal(isWorthwhile({ serverNoContextTakeover: true }, "server", bytes), expected);
      assert.equal(isWorthwhile({ clientNoContextTakeover: true }, "client", bytes), expected);
    }
  });

  test("nothing where only a window of 8 bits is allowed, which zlib can't do", () => {
    assert.equal(isWorthwhile({ clientMaxWindowBits: 8 }, "client", 10_000), false);
    assert.equal(isWorthwhile({ serverMaxWindowBits: 8 }, "server", 10_000), false);
    assert.equal(isWorthwhile({ clientMaxWindowBits: 8 }, "server", 10_000), true);
  });
});

describe("a prepared message", () => {
  test("is compressed once for all connections with the same window, whatever their history", async () => {
    const settings = makeSettings();
    const variants = [{}, { serverNoContextTakeover: true }, { clientMaxWindowBits: 9 }].map(
      (changes) => new Compression(settings, { ...PARAMETERS, ...changes }, "server", 0),
    );
    const small = new Compression(settings, { ...PARAMETERS, serverMaxWindowBits: 10 }, "server", 0);
    const message = new PreparedMessage(Buffer.from(prose(20_000)), true, true);
    const frames = new Set(variants.map((compression) => compression.prepare(message)));
    assert.equal(frames.size, 1);
    assert.notEqual(small.prepare(message), [...frames][0]);
    assert.equal(small.prepare(message), small.prepare(message));
    for (const each of [...variants, small]) each.close();
  });

  test("is sent as it is if it is shorter than the threshold, or for a window of 8 bits", () => {
    const compression = new Compression(makeSettings(), PARAMETERS, "server", 0);
    const short = new PreparedMessage(Buffer.from("short"), true, true);
    assert.equal(compression.prepare(short), short.plain);
    const eight = new Compression(makeSettings(), { ...PARAMETERS, serverMaxWindowBits: 8 }, "server", 0);
    const long = new PreparedMessage(Buffer.from(prose(5000)), true, true);
    assert.equal(eight.prepare(long), long.plain);
    compression.close();
    eight.close();
  });

  test("does not spoil the history of those who get other messages before and after it", async () => {
    const compression = new Compression(makeSettings({ thresholdBytes: 0 }), PARAMETERS, "server", 0);
    const inflater = new Inflater();
    const compress = (message: Buffer) =>
      new Promise<Uint8Array>((resolve) => {
        const now = compression.compress(message, resolve);
        if (now !== undefined) resolve(Buffer.from(now));
      });
    for (let count = 0; count < 6; count += 1) {
      const own = Buffer.from(prose(count % 2 === 0 ? 3000 : 40_000));
      assert.ok((await inflater.inflate(await compress(own))).equals(own));
      const shared = new PreparedMessage(count === 3 ? Buffer.alloc(0) : noise(3000), false, true);
      const { bytes } = compression.prepare(shared);
      const header = bytes[1] === 126 ? 4 : 2;
      assert.ok((await inflater.inflate(bytes.subarray(header))).equals(shared.payload));
    }
    compression.close();
  });
});

/** Messages of every kind, with the lengths around which the way of working changes. */
const MESSAGES: (string | Buffer)[] = [
  0, 1, 125, 126, 1023, 1024, 5000, 32_768, 32_769, 65_535, 65_536, 200_000,
].flatMap((length) => [prose(length), noise(length), Buffer.alloc(length, 0x61)]);

const SETUPS: (boolean | PerMessageDeflateOptions)[] = [
  true,
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { serverMaxWindowBits: 10, clientMaxWindowBits: 12, serverNoContextTakeover: true },
  { zlibDeflateOptions: { level: 1, memLevel: 3 }, concurrencyLimit: 1 },
];

/** Everything is sent at once, echoed, and comes back the same and in the same order. */
async function assertEchoes(client: object): Promise<void> {
  const socket = client as { send(data: string | Buffer): void };
  const inbox = new Inbox(client);
  for (let round = 0; round < 2; round += 1) for (const message of MESSAGES) socket.send(message);
  const echoed = await inbox.until(MESSAGES.length * 2);
  for (const [index, message] of echoed.entries()) {
    const expected = MESSAGES[index % MESSAGES.length]!;
    assert.equal(typeof message, typeof expected, `${index}`);
    assert.ok(Buffer.from(message).equals(Buffer.from(expected)), `${index}`);
  }
}

interface AnyServer {
  on(name: "connection", listener: (socket: AnySocket) => void): unknown;
}
interface AnySocket {
  on(name: "message", listener: (data: Buffer, isBinary: boolean) => void): unknown;
  send(data: Buffer, options: { binary: boolean }): void;
}
function echoAll(wss: object): void {
  (wss as AnyServer).on("connection", (socket) =>
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
}

describe("messages of every length, many at once, in order", () => {
  for (const setup of SETUPS) {
    const name = JSON.stringify(setup);
    const option = setup as boolean;

    test(`ours to ours ${name}`, async (t) => {
      const { wss, url } = await serve(t, { perMessageDeflate: setup });
      echoAll(wss);
      const client = await openClient(t, url);
      assert.equal(client.extensions, "permessage-deflate");
      await assertEchoes(client);
    });

    test(`a client of ws to ours ${name}`, async (t) => {
      const { wss, url } = await serve(t, { perMessageDeflate: setup });
      echoAll(wss);
      const client = await openWs(t, url);
      assert.equal(client.extensions, "permessage-deflate");
      await assertEchoes(client);
    });

    test(`ours to a server of ws ${name}`, async (t) => {
      const { wss, url } = await serveWs(t, { perMessageDeflate: option });
      echoAll(wss);
      const client = await openClient(t, url);
      assert.equal(client.extensions, "permessage-deflate");
      await assertEchoes(client);
    });

    test(`wanted by our client of a server of ws ${name}`, async (t) => {
      const { wss, url } = await serveWs(t, { perMessageDeflate: true });
      echoAll(wss);
      const client = await openClient(t, url, { perMessageDeflate: setup });
      assert.equal(client.extensions, "permessage-deflate");
      await assertEchoes(client);
    });

    test(`wanted by a client of ws of ours ${name}`, async (t) => {
      const { wss, url } = await serve(t, { perMessageDeflate: true });
      echoAll(wss);
      const client = await openWs(t, url, { perMessageDeflate: option });
      assert.equal(client.extensions, "permessage-deflate");
      await assertEchoes(client);
    });
  }

  test("a client of ws that says 8 bits and, being built on zlib, uses 9", async (t) => {
    const { wss, url } = await serve(t, { perMessageDeflate: true });
    echoAll(wss);
    await assertEchoes(await openWs(t, url, { perMessageDeflate: { clientMaxWindowBits: 8 } }));
  });

  test("a server of ws that says 8 bits and uses 9", async (t) => {
    const { wss, url } = await serveWs(t, { perMessageDeflate: { serverMaxWindowBits: 8 } });
    echoAll(wss);
    await assertEchoes(await openClient(t, url));
  });
});

describe("on the wire", () => {
  const OFFER = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };

  test("only the first frame of a compressed message has RSV1, and control frames may come between", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    echoAll(served.wss);
    const { raw } = await openRaw(t, served, OFFER);
    const message = prose(3000);
    const bytes = deflated(message);
    await raw.send(frame(OPCODE.text, bytes.subarray(0, 10), { rsv: 4, fin: false }));
    await raw.send(frame(OPCODE.ping, "between"));
    assert.equal((await raw.nextFrame()).opcode, OPCODE.pong);
    await raw.send(frame(OPCODE.continuation, "", { fin: false }));
    await raw.send(frame(OPCODE.continuation, bytes.subarray(10)));
    const reply = await raw.nextFrame();
    assert.deepEqual([reply.opcode, reply.rsv, reply.fin], [OPCODE.text, 4, true]);
    assert.equal(String(await new Inflater().inflate(reply.payload)), message);
  });

  test("plain messages may come between compressed ones", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    const { raw, socket } = await openRaw(t, served, OFFER);
    const inbox = new Inbox(socket);
    await raw.send(
      Buffer.concat([
        frame(OPCODE.text, deflated("one"), { rsv: 4 }),
        frame(OPCODE.text, "two"),
        frame(OPCODE.binary, deflated(noise(50_000)), { rsv: 4 }),
        frame(OPCODE.text, "four"),
        frame(OPCODE.text, deflated("five"), { rsv: 4 }),
      ]),
    );
    const messages = await inbox.until(5);
    assert.deepEqual([messages[0], messages[1], messages[3], messages[4]], ["one", "two", "four", "five"]);
    assert.ok((messages[2] as Buffer).equals(noise(50_000)));
  });

  test("what was not offered is not used, and `compress: false` is obeyed", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    const plain = await openRaw(t, served);
    assert.equal(plain.extensions, undefined);
    plain.socket.send(prose(5000));
    assert.equal((await plain.raw.nextFrame()).rsv, 0);
    const compressed = await openRaw(t, served, OFFER);
    compressed.socket.send(prose(5000), { compress: false });
    assert.equal((await compressed.raw.nextFrame()).rsv, 0);
    compressed.socket.send(prose(5000));
    assert.equal((await compressed.raw.nextFrame()).rsv, 4);
  });

  test("fragments that we send are not compressed, and what follows them is", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    const { raw, socket } = await openRaw(t, served, OFFER);
    socket.send(prose(40_000));
    socket.send("a", { fin: false });
    socket.ping();
    socket.send("b", { fin: false });
    socket.send("c");
    socket.send(prose(2000));
    const frames = [];
    for (let count = 0; count < 6; count += 1) frames.push(await raw.nextFrame());
    const messages = frames.filter(({ opcode }) => opcode !== OPCODE.ping);
    assert.deepEqual(
      messages.map(({ opcode, rsv, fin }) => [opcode, rsv, fin]),
      [
        [OPCODE.text, 4, true],
        [OPCODE.text, 0, false],
        [OPCODE.continuation, 0, false],
        [OPCODE.continuation, 0, true],
        [OPCODE.text, 4, true],
      ],
    );
  });

  test("invalid UTF-8 that was compressed is refused with 1007, short or long", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    for (const length of [1, 100_000]) {
      const { raw, socket } = await openRaw(t, served, OFFER);
      const error = nextOf(socket, "error");
      await raw.send(
        frame(OPCODE.text, deflated(Buffer.concat([noise(length), Buffer.of(0xff)])), { rsv: 4 }),
      );
      assert.equal((await raw.nextFrame()).payload.readUInt16BE(0), 1007);
      assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_INVALID_UTF8");
    }
  });
});
