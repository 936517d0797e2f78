import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as theirs from "ws";
import * as ours from "../../src/websocket/index.ts";
import { portOf } from "../support/listen.ts";
import { closed, Inbox, nextControl, payload } from "./sockets.ts";

/** Ours takes the names of `ws`, so one test serves both ways round. */
interface Side {
  readonly WebSocket: typeof theirs.WebSocket;
  readonly WebSocketServer: typeof theirs.WebSocketServer;
}

const SIZES = [0, 1, 125, 126, 127, 1023, 1024, 65_535, 65_536, 65_537, 1_000_000];
const CODES = [1000, 1001, 1003, 1008, 1011, 1012, 1013, 3000, 4999];

const DEFLATE: readonly [client: theirs.PerMessageDeflateOptions, server: theirs.PerMessageDeflateOptions][] =
  [
    [{}, {}],
    [{ threshold: 0 }, { threshold: 0 }],
    [{ serverNoContextTakeover: true }, { threshold: 0 }],
    [{ clientNoContextTakeover: true }, { threshold: 0 }],
    [{ threshold: 0 }, { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 }],
    [{ serverMaxWindowBits: 9, threshold: 0 }, { threshold: 0 }],
    [{ clientMaxWindowBits: 10, threshold: 0 }, { threshold: 0 }],
    [{ threshold: 0 }, { serverMaxWindowBits: 11, clientMaxWindowBits: 9, threshold: 0 }],
    [
      { serverMaxWindowBits: 12, clientMaxWindowBits: 13, clientNoContextTakeover: true, threshold: 0 },
      { serverNoContextTakeover: true, clientMaxWindowBits: 9, threshold: 0 },
    ],
  ];

type ServerOptions = Omit<theirs.ServerOptions, "port" | "host">;

/** Connects one side's client to the other's server, does the work with both ends, and stops the server. */
async function pair(
  client: Side,
  server: Side,
  work: (client: theirs.WebSocket, server: theirs.WebSocket) => Promise<void>,
  serverOptions: ServerOptions = {},
  clientOptions: theirs.ClientOptions = {},
  protocols: string[] = [],
): Promise<void> {
  const wss = new server.WebSocketServer({ ...serverOptions, port: 0, host: "127.0.0.1" });
  await new Promise<void>((resolve) => void wss.once("listening", () => resolve()));
  const accepted = new Promise<theirs.WebSocket>((resolve) => void wss.once("connection", resolve));
  const socket = new client.WebSocket(`ws://127.0.0.1:${portOf(wss)}/`, protocols, clientOptions);
  const opened = new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  const peer = await accepted;
  const bothClosed = Promise.all([closed(socket), closed(peer)]);
  try {
    await opened;
    await work(socket, peer);
  } finally {
    socket.close();
    await bothClosed;
    await new Promise((resolve) => wss.close(resolve));
  }
}

async function exchange(
  from: theirs.WebSocket,
  to: theirs.WebSocket,
  sizes: readonly number[],
): Promise<void> {
  const inbox = new Inbox(to);
  const sent = sizes.flatMap((size) =>
    [false, true].map((isBinary) => ({ data: payload(size, isBinary), isBinary })),
  );
  for (const { data, isBinary } of sent) from.send(data, { binary: isBinary });
  for (const { data, isBinary } of sent) {
    const message = await inbox.next();
    assert.equal(message.isBinary, isBinary);
    assert.ok(message.data.equals(data), `${data.length} bytes, binary ${isBinary}`);
  }
}

const SIDES: readonly [name: string, client: Side, server: Side][] = [
  ["our client and a ws server", ours as unknown as Side, theirs],
  ["a ws client and our server", theirs, ours as unknown as Side],
];

for (const [name, client, server] of SIDES) {
  void describe(name, () => {
    it("exchange messages of every kind and size", () =>
      pair(client, server, async (one, other) => {
        await Promise.all([exchange(one, other, SIZES), exchange(other, one, SIZES)]);
      }));

    it("exchange messages in fragments", () =>
      pair(client, server, async (one, other) => {
        for (const [from, to] of [
          [one, other],
          [other, one],
        ] as const) {
          const inbox = new Inbox(to);
          const text = payload(3000, false);
          // Cut inside characters, and with a fragment that is empty.
          for (const [start, end] of [
            [0, 1],
            [1, 1],
            [1, 1202],
            [1202, 3000],
          ]) {
            from.send(text.subarray(start, end), { fin: end === 3000, binary: false });
          }
          const { data, isBinary } = await inbox.next();
          assert.ok(data.equals(text));
          assert.equal(isBinary, false);
        }
      }));

    it("answer pings, also between fragments", () =>
      pair(client, server, async (one, other) => {
        for (const [from, to] of [
          [one, other],
          [other, one],
        ] as const) {
          const inbox = new Inbox(to);
          const seen = nextControl(to, "ping");
          const answered = nextControl(from, "pong");
          from.send("first, ", { fin: false });
          from.ping("in between");
          from.send("second", { fin: true });
          assert.equal(String(await seen), "in between");
          assert.equal(String(await answered), "in between");
          assert.equal(String((await inbox.next()).data), "first, second");
        }
      }));

    for (const closer of ["client", "server"] as const) {
      it(`agree on how the ${closer} closes`, async () => {
        for (const code of [undefined, ...CODES]) {
          const reason = code === undefined ? "" : `closing with ${code} é`;
          await pair(client, server, async (one, other) => {
            const [from, to] = closer === "client" ? [one, other] : [other, one];
            const both = Promise.all([closed(from), closed(to)]);
            if (code === undefined) from.close();
            else from.close(code, reason);
            const expected = { code: code ?? 1005, reason };
            assert.deepEqual(await both, [expected, expected]);
          });
        }
      });
    }

    it("agree on a subprotocol", () =>
      pair(
        client,
        server,
        async (one, other) => {
          assert.deepEqual([one.protocol, other.protocol], ["v2", "v2"]);
          await exchange(one, other, [10]);
        },
        { handleProtocols: (offered) => (offered.has("v2") ? "v2" : false) },
        {},
        ["v1", "v2"],
      ));

    it("drop a connection without a close frame", () =>
      pair(client, server, async (one, other) => {
        const gone = closed(other);
        one.terminate();
        assert.equal((await gone).code, 1006);
      }));

    it("refuse what is too long with 1009", () =>
      pair(
        client,
        server,
        async (one, other) => {
          other.on("error", () => {});
          const both = Promise.all([closed(one), closed(other)]);
          one.send(payload(1001, true));
          const [seen] = await both;
          assert.equal(seen.code, 1009);
        },
        { maxPayload: 1000 },
      ));

    for (const [clientDeflate, serverDeflate] of DEFLATE) {
      const parameters = JSON.stringify([clientDeflate, serverDeflate]);
      it(`exchange compressed messages with ${parameters}`, () =>
        pair(
          client,
          server,
          async (one, other) => {
            assert.match(one.extensions, /^permessage-deflate/);
            assert.match(other.extensions, /^permessage-deflate/);
            const sizes = [0, 1, 10, 2000, 2000, 40_000, 70_000, 300];
            await Promise.all([exchange(one, other, sizes), exchange(other, one, sizes)]);
          },
          { perMessageDeflate: serverDeflate },
          { perMessageDeflate: clientDeflate },
        ));
    }

    it("do without compression if the server does not want it", () =>
      pair(
        client,
        server,
        async (one, other) => {
          assert.equal(one.extensions, "");
          await Promise.all([exchange(one, other, [2000]), exchange(other, one, [2000])]);
        },
        { perMessageDeflate: false },
        { perMessageDeflate: true },
      ));
  });
}
