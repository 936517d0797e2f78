import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { Server as StockServer, type Socket as StockSocket } from "engine.io";
import { Endpoint } from "../../src/client/endpoint.ts";
import { EngineSession } from "../../src/client/engine-session.ts";
import { nodePlatform } from "../../src/client/node.ts";
import type { ManagerOptions } from "../../src/client/options.ts";
import { Preference } from "../../src/client/preference.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { RecordingSession } from "../support/recording-session.ts";
import { nextOf } from "../support/stock-client.ts";
import { until } from "../support/until.ts";

/** Our client's session with the reference implementation's server. */
async function connect(t: TestContext, options: ManagerOptions, serverOptions: object = {}) {
  const http = createServer();
  const engine = new StockServer({ ...serverOptions });
  engine.attach(http, { path: "/engine.io/" });
  const port = await listen(http);
  undoAfter(t, () => {
    engine.close();
    http.closeAllConnections();
    http.close();
  });
  const arriving = nextOf(engine, "connection");
  const handler = new RecordingSession();
  const all = { path: "/engine.io/", rememberTransport: false, ...options };
  const session = new EngineSession(
    new Endpoint(`http://127.0.0.1:${port}`, all, nodePlatform),
    new Preference(nodePlatform, "", { rememberTransport: false }),
    all,
    handler,
  );
  const [socket] = (await arriving) as [StockSocket];
  undoAfter(t, async () => {
    session.close();
    // The last request must have arrived before the server stops listening.
    await until(() => socket.readyState === "closed");
  });
  await until(() => handler.isOpen);
  return { session, handler, socket, engine: engine as unknown as { clients: object } };
}

const CASES: readonly (readonly [string, ManagerOptions, string])[] = [
  ["over polling", { transports: ["polling"] }, "polling"],
  ["over WebSocket", { transports: ["websocket"] }, "websocket"],
  ["after an upgrade", { transports: ["polling", "websocket"] }, "websocket"],
  ["by itself", {}, "websocket"],
];

describe("our client's session with a stock server", () => {
  for (const [name, options, kind] of CASES) {
    test(`${name}: messages of all sizes come and go in order`, async (t) => {
      const { session, handler, socket } = await connect(t, options);
      socket.on("message", (data: string | Buffer) => socket.send(data));
      const expected: (string | Buffer)[] = [];
      for (let number = 0; number < 50; number++) {
        const bytes = Buffer.alloc(number * 997, number);
        session.send(`ä€😀${number}`, [bytes]);
        expected.push(`ä€😀${number}`, bytes);
        if (number % 10 === 0) await new Promise(setImmediate);
      }
      await until(() => handler.received.length === expected.length);
      await until(() => handler.kinds.at(-1) === kind);
      assert.deepEqual(
        handler.received.map((data) => (typeof data === "string" ? data : Buffer.from(data))),
        expected,
      );
      assert.equal((socket as unknown as { id: string }).id, session.id);
      session.send("after", []);
      await until(() => handler.received.at(-1) === "after");
      assert.equal(handler.end, undefined);
    });

    test(`${name}: heartbeats are answered`, async (t) => {
      const { handler, socket } = await connect(t, options, { pingInterval: 60, pingTimeout: 5000 });
      for (let beat = 0; beat < 5; beat++) await nextOf(socket, "heartbeat");
      assert.equal(handler.end, undefined);
    });

    test(`${name}: what was sent before the end arrives`, async (t) => {
      const { session, handler, socket } = await connect(t, { ...options, upgrade: false });
      const heard: unknown[] = [];
      socket.on("message", (data: unknown) => heard.push(data));
      const closed = nextOf(socket, "close");
      session.send("bye", []);
      session.close();
      assert.equal(handler.end?.reason, "forced close");
      await closed;
      assert.deepEqual(heard, ["bye"]);
    });

    test(`${name}: the server's end is noticed`, async (t) => {
      const { handler, socket } = await connect(t, { ...options, upgrade: false });
      socket.close();
      await until(() => handler.end !== undefined);
      assert.equal(handler.end?.reason, "transport close");
    });
  }

  test("a session that the server forgot ends with the request that it refuses", async (t) => {
    const { session, handler, socket, engine } = await connect(t, { transports: ["polling"] });
    undoAfter(t, () => socket.close(true));
    const { clients } = engine;
    engine.clients = {};
    session.send("anybody?", []);
    await until(() => handler.end !== undefined);
    engine.clients = clients;
    assert.equal(handler.end?.reason, "transport error");
  });
});
