import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import { Server } from "../../src/sockets/server.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { connectRaw, EngineClient } from "../support/engine-client.ts";
import { openPolling, send } from "../support/engine-server.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { fetchPlain } from "../support/http.ts";
import { listen, portOf } from "../support/listen.ts";
import { nextOf } from "../support/stock-client.ts";
import { OPCODE } from "../support/wire-frames.ts";

describe("a server is attached", () => {
  test("to a port of its own", async (t) => {
    const io = new Server(0);
    undoAfter(t, () => io.close());
    await nextOf(io.httpServer!, "listening");
    await EngineClient.join(t, portOf(io.httpServer!));
  });

  test("to an HTTP server, at once or later", async (t) => {
    for (const way of ["constructor", "attach", "listen"] as const) {
      const http = createServer();
      const io = way === "constructor" ? new Server(http) : new Server({ pingInterval: 1000 });
      undoAfter(t, () => io.close());
      if (way !== "constructor") {
        assert.equal(io.httpServer, undefined);
        assert.equal(io[way](http), io);
      }
      assert.equal(io.httpServer, http);
      await EngineClient.join(t, await listen(http));
    }
  });

  test("to two", async (t) => {
    const io = new Server();
    undoAfter(t, () => io.close());
    const https = [createServer(), createServer()];
    for (const http of https) io.attach(http);
    const ports = await Promise.all(https.map((http) => listen(http)));
    const clients = [await EngineClient.join(t, ports[0]!), await EngineClient.join(t, ports[1]!)];
    io.emit("both");
    for (const client of clients) assert.equal(await client.next(), '42["both"]');
    const closing = io.close();
    for (const client of clients) assert.equal(await client.nextClose(), 1001);
    await closing;
    assert.deepEqual(
      https.map(({ listening }) => listening),
      [false, false],
    );
  });
});

describe("options that come when it is attached", () => {
  const PATHS = { live: "/live/?EIO=4&transport=websocket" };

  test("are those of the engine, and come behind the constructor's, as with Socket.IO", async (t) => {
    for (const way of ["attach", "listen"] as const) {
      const http = createServer();
      const io = new Server({ pingTimeout: 7000 });
      undoAfter(t, () => io.close());
      io.on("connection", (socket) => socket.emit("hello"));
      const said = { path: "/live", pingInterval: 5000, pingTimeout: 6000 };
      assert.equal(io[way](http, said), io);
      assert.equal(io.path(), "/live");
      const client = await EngineClient.open(t, await listen(http), PATHS.live);
      assert.deepEqual([client.handshake["pingInterval"], client.handshake["pingTimeout"]], [5000, 7000]);
      await client.joinNamespace();
      assert.equal(await client.next(), '42["hello"]');
    }
  });

  test("may say where, as often as it is attached", async (t) => {
    const io = new Server();
    undoAfter(t, () => io.close());
    io.engine.use((_request, response, next) => {
      response.setHeader("X-Seen", "yes");
      next();
    });
    const https = [createServer(), createServer()];
    io.attach(https[0]!);
    io.attach(https[1]!, { path: "/live" });
    const [first, second] = await Promise.all(https.map((http) => listen(http)));
    await EngineClient.join(t, first!);
    await (await EngineClient.open(t, second!, PATHS.live)).joinNamespace();
    assert.equal(io.path(), "/socket.io/");
    assert.equal(io.engine.clientsCount, 2);
  });

  test("come too late when the engine is in use, and nothing is lost", () => {
    const seen = new Server();
    seen.engine.on("connection_error", () => {});
    assert.throws(() => seen.attach(createServer(), { pingInterval: 5000 }), /is attached, or used, already/);
    const attached = new Server(createServer());
    assert.throws(() => attached.attach(createServer(), { pingInterval: 5000 }), TypeError);
    assert.equal(attached.attach(createServer(), { path: "/live" }).path(), "/socket.io/");
  });

  test("are not those of namespaces and rooms", () => {
    for (const option of [{ connectTimeout: 5 }, { adapter: LocalAdapter }, { clock: new FakeClock() }]) {
      assert.throws(
        () => new Server().attach(createServer(), option as object),
        /belongs into the constructor/,
      );
    }
    assert.throws(() => new Server().attach(createServer(), { pingInterval: 0 }), RangeError);
  });
});

test("of takes a listener for connections, of a parent too", async (t) => {
  const { io, port } = await startServer(t);
  const seen: string[] = [];
  assert.equal(
    io.of("/a", ({ nsp }) => void seen.push(nsp.name)),
    io.of("/a"),
  );
  io.of("/a", () => void seen.push("again"));
  io.of(/^\/b/, ({ nsp }) => void seen.push(nsp.name));
  io.of(
    (_name, _auth, next) => next(null, true),
    ({ nsp }) => void seen.push(`any ${nsp.name}`),
  );
  const client = await EngineClient.open(t, port);
  for (const name of ["/a", "/b1", "/c"]) await client.joinNamespace(name);
  assert.deepEqual(seen, ["/a", "again", "/b1", "any /c"]);
});

test("the client is below the path, unless that is not wanted, and as long as the server is there", async (t) => {
  const http = createServer((_request, response) => response.end("the application's"));
  const wanted = new Server(http, { path: "/live", cors: { origin: "*" } });
  undoAfter(t, () => wanted.close());
  const unwanted = new Server(http, { path: "/bare", serveClient: false });
  undoAfter(t, () => unwanted.close());
  const port = await listen(http);
  const { status, headers, body } = await fetchPlain(port, "/live/socket.io.js");
  assert.deepEqual([status, headers["access-control-allow-origin"]], [200, "*"]);
  assert.match(body, /^\/\*! Switchboard /);
  assert.equal((await fetchPlain(port, "/bare/socket.io.js")).status, 400);
});

describe("the engine below", () => {
  test("is shown, with its middleware, its events and its count", async (t) => {
    const { io, port } = await startServer(t, { cookie: { name: "lb" }, cors: { origin: true } });
    const errors: unknown[] = [];
    io.engine.on("connection_error", ({ code }) => void errors.push(code));
    io.engine.on("initial_headers", (headers) => void (headers["X-First"] = "yes"));
    io.engine.use((request, response, next) => {
      response.setHeader("X-Path", request.url!);
      next();
    });
    const path = "/socket.io/?EIO=4&transport=polling";
    const { headers } = await send(port, path, { headers: { Origin: "https://example.com" } });
    assert.equal(headers["x-first"], "yes");
    assert.equal(headers["x-path"], path);
    assert.equal(headers["access-control-allow-origin"], "https://example.com");
    assert.match(headers["set-cookie"]![0]!, /^lb=/);
    assert.equal((await send(port, "/socket.io/?EIO=4&transport=x")).status, 400);
    assert.deepEqual(errors, [0]);
    assert.equal(io.engine.clientsCount, 1);
    assert.deepEqual(io.engine.clients, Object.create(null));
  });

  test("gets the options that are its own", async (t) => {
    const { io, port } = await startServer(t, {
      transports: ["polling"],
      allowUpgrades: false,
      maxSessions: 1,
      shutdownTimeout: 20,
    });
    const { handshake } = await openPolling(port, {}, "/socket.io/?EIO=4&transport=polling");
    assert.deepEqual(handshake["upgrades"], []);
    assert.equal((await send(port, "/socket.io/?EIO=4&transport=websocket")).status, 400);
    assert.equal((await send(port, "/socket.io/?EIO=4&transport=polling")).status, 503);
    assert.equal(io.engine.clientsCount, 1);
  });
});

describe("closing", () => {
  test("says 1001 to everyone, stops listening, and resolves when all is quiet", async (t) => {
    const { io, http, port } = await startServer(t);
    const reasons: unknown[] = [];
    io.on("connection", (socket) => void socket.on("disconnect", (...args) => reasons.push(args)));
    const clients = [await EngineClient.join(t, port), await EngineClient.join(t, port)];
    const waiting = await EngineClient.open(t, port);
    const closing = io.close();
    for (const client of [...clients, waiting]) assert.equal(await client.nextClose(), 1001);
    await closing;
    const expected = ["server shutting down", { clean: true, description: "closed by the server" }];
    assert.deepEqual(reasons, [expected, expected]);
    assert.equal(http.listening, false);
    assert.equal(io.sockets.sockets.size, 0);
    await io.close();
  });

  test("lets what was sent before still leave", async (t) => {
    const { io, port } = await startServer(t);
    const client = await EngineClient.join(t, port);
    io.emit("last words", "x".repeat(100_000));
    const closing = io.close();
    assert.equal((await client.next()).length, 100_000 + '42["last words",""]'.length);
    assert.equal(await client.nextClose(), 1001);
    await closing;
  });

  test("does not wait for one that does not answer", async (t) => {
    const { io, port } = await startServer(t, { shutdownTimeout: 30 });
    const client = await EngineClient.join(t, port);
    await io.close();
    assert.equal((await client.raw.nextFrame()).opcode, OPCODE.close);
    await client.raw.closed();
  });

  test("of a server that was never attached is nothing", async () => {
    await new Server().close();
  });

  test("closes the adapters", async (t) => {
    const closed: string[] = [];
    class NotingAdapter extends LocalAdapter {
      readonly #namespace: string;
      constructor(namespace: string) {
        super();
        this.#namespace = namespace;
      }
      override close(): Promise<void> {
        closed.push(this.#namespace);
        return super.close();
      }
    }
    const { io } = await startServer(t, { adapter: (namespace) => new NotingAdapter(namespace) });
    io.of("/admin");
    await io.close();
    assert.deepEqual(closed, ["/", "/admin"]);
  });
});

describe("what the application throws", () => {
  const failure = new Error("the application's fault");
  const explode = (): never => {
    throw failure;
  };
  const reject = (): Promise<never> => Promise.reject(failure);

  for (const [how, listener] of Object.entries({ explode, reject })) {
    test(`in a listener is reported (${how})`, async (t) => {
      const { io, port } = await startServer(t);
      io.on("connection", (socket) => {
        socket.on("fail", listener as () => void);
        socket.on("fail", (ack: () => void) => ack());
      });
      const client = await EngineClient.join(t, port);
      const [id] = io.sockets.sockets.keys();
      const reported = nextOf(io, "handler_error");
      await client.send('421["fail"]');
      // The next listener is still called, and the connection stays.
      assert.equal(await client.next(), "431[]");
      assert.deepEqual(await reported, [failure, { event: "fail", namespace: "/", socketId: id }]);
    });

    test(`in a connection listener is reported (${how})`, async (t) => {
      const { io, port } = await startServer(t);
      const reports: unknown[] = [];
      io.on("handler_error", (...args) => void reports.push(args));
      io.on("connection", listener as () => void);
      io.of("/admin").on("connection", listener as () => void);
      const client = await EngineClient.join(t, port);
      await client.joinNamespace("/admin");
      await client.send("41");
      await client.joinNamespace();
      const context = { event: "connection", socketId: undefined };
      assert.deepEqual(reports, [
        [failure, { ...context, namespace: "/" }],
        [failure, { ...context, namespace: "/admin" }],
        [failure, { ...context, namespace: "/" }],
      ]);
    });

    test(`in the listeners of a disconnect is reported (${how})`, async (t) => {
      const { io, port } = await startServer(t);
      const events: string[] = [];
      const both = new Promise<void>((resolve) => {
        io.on("handler_error", (error, { event }) => {
          assert.equal(error, failure);
          if (events.push(event) === 2) resolve();
        });
      });
      io.on("connection", (socket) => {
        socket.on("disconnecting", listener as () => void);
        socket.on("disconnect", listener as () => void);
      });
      const client = await EngineClient.join(t, port);
      await client.send("41");
      await both;
      assert.deepEqual(events, ["disconnecting", "disconnect"]);
      assert.equal(io.sockets.sockets.size, 0);
    });

    test(`in the callback of an acknowledgement is reported (${how})`, async (t) => {
      const { io, port } = await startServer(t);
      const reported = new Promise((resolve) => io.on("handler_error", (...args) => resolve(args)));
      io.on("connection", (socket) => void socket.emit("question", listener));
      const client = await EngineClient.join(t, port);
      const [id] = io.sockets.sockets.keys();
      assert.equal(await client.next(), '420["question"]');
      await client.send("430[]");
      assert.deepEqual(await reported, [failure, { event: "acknowledgement", namespace: "/", socketId: id }]);
    });
  }

  test("in a callback that gets a timeout, or a disconnect, is reported", async (t) => {
    const { io, port } = await startServer(t);
    let count = 0;
    const both = new Promise<void>((resolve) => {
      io.on("handler_error", (error) => {
        assert.equal(error, failure);
        if (++count === 2) resolve();
      });
    });
    io.on("connection", (socket) => {
      socket.timeout(10).emit("question", explode);
      socket.timeout(60_000).emit("question", explode);
    });
    const client = await EngineClient.join(t, port);
    assert.equal(await client.next(), '420["question"]');
    assert.equal(await client.next(), '421["question"]');
    await nextOf(io, "handler_error");
    await client.send("41");
    await both;
  });

  test("is logged if nobody listens", async (t) => {
    const { io, port, log } = await startServer(t);
    io.on("connection", (socket) => {
      socket.on("fail", explode);
      socket.on("fail", (ack: () => void) => ack());
    });
    const client = await EngineClient.join(t, port);
    const [id] = io.sockets.sockets.keys();
    await client.send('421["fail"]');
    await client.next();
    assert.deepEqual(log.take(), [
      {
        level: "error",
        details: { err: failure, event: "fail", namespace: "/", socketId: id },
        message: 'A listener for "fail" failed.',
      },
    ]);
  });

  test("in the listener for failures itself is logged", async (t) => {
    const { io, port, log } = await startServer(t);
    io.on("handler_error", explode);
    io.on("connection", explode);
    await EngineClient.join(t, port);
    assert.deepEqual(log.take(), [
      { level: "error", details: { err: failure }, message: "A handler_error listener failed." },
    ]);
  });

  test("by an adapter is reported", async (t) => {
    class BrokenAdapter extends LocalAdapter {
      override broadcast(): Promise<void> {
        return reject();
      }
    }
    const { io } = await startServer(t, { adapter: () => new BrokenAdapter() });
    const reported = nextOf(io, "handler_error");
    io.emit("news");
    assert.deepEqual(await reported, [failure, { event: "adapter", namespace: "/", socketId: undefined }]);
  });
});

test("the default logger is the console", async (t) => {
  const logged = t.mock.method(console, "error", () => {});
  const { io, port } = await startServer(t, {
    logger: (await import("../../src/shared/logger.ts")).consoleLogger,
  });
  io.on("connection", () => {
    throw new Error("seen on the console");
  });
  await EngineClient.join(t, port);
  assert.equal(logged.mock.callCount(), 1);
});

test("connections that come while the server closes are refused", async (t) => {
  const { io, port } = await startServer(t);
  const client = await EngineClient.join(t, port);
  const closing = io.close();
  await assert.rejects(connectRaw(t, port), { code: "ECONNREFUSED" });
  assert.equal(await client.nextClose(), 1001);
  await closing;
});
