import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { type ClientInfo, WebSocket, type WebSocketServerOptions } from "../../src/websocket/index.ts";
import { connectRaw } from "../support/engine-client.ts";
import type { HeaderChanges } from "../support/raw-client.ts";
import { nextOf, openRaw, serve, until } from "../support/web-sockets.ts";

interface Knock {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly logged: number;
}

/** What one handshake is answered. */
async function knock(
  t: TestContext,
  options: WebSocketServerOptions,
  headers?: HeaderChanges,
): Promise<Knock> {
  const { port, log } = await serve(t, options);
  const raw = await connectRaw(t, port);
  await raw.writeHandshake("/", headers);
  const head = await raw.head();
  const body = head.status === 101 ? "" : await raw.text(Number(head.headers["content-length"]));
  if (head.status !== 101) assert.equal(await raw.closed(), "ended");
  return { status: head.status, body: body.trim(), headers: head.headers, logged: log.take().length };
}

describe("allowedOrigins", () => {
  const allowedOrigins = ["https://example.com", /^https:\/\/[a-z]+\.example\.org$/g];
  const CASES: [origin: string | undefined, status: number][] = [
    [undefined, 101],
    ["https://example.com", 101],
    ["https://a.example.org", 101],
    ["https://example.com.evil.test", 403],
    ["http://example.com", 403],
    ["https://example.com:8443", 403],
    ["https://x.example.org.evil.test", 403],
    ["null", 403],
    ["", 403],
  ];
  for (const [origin, status] of CASES) {
    test(`${String(origin)}: ${status}`, async (t) => {
      const answer = await knock(t, { allowedOrigins }, { Origin: origin });
      assert.equal(answer.status, status);
      if (status === 403) assert.match(answer.body, /may not connect/);
    });
  }

  test("a pattern with a memory decides the same every time", async (t) => {
    const served = await serve(t, { allowedOrigins });
    for (let count = 0; count < 4; count += 1) {
      await openRaw(t, served, { Origin: "https://a.example.org" });
    }
  });

  test("an empty list keeps all pages out", async (t) => {
    assert.equal((await knock(t, { allowedOrigins: [] }, { Origin: "https://example.com" })).status, 403);
    assert.equal((await knock(t, { allowedOrigins: [] })).status, 101);
  });
});

describe("a verdict", () => {
  /** What some libraries return instead of a promise. */
  class Thenable {
    // oxlint-disable-next-line unicorn/no-thenable -- this is what is tested
    then(resolve: (value: boolean) => void): void {
      resolve(false);
    }
  }
  const no = { status: 429, message: "Too many of you." };
  /** Also what only a program without types can return. */
  const CASES: [name: string, options: object, status: number, body?: string | undefined, logged?: number][] =
    [
      ["allowRequest true", { allowRequest: () => true }, 101],
      ["allowRequest false", { allowRequest: () => false }, 403],
      ["allowRequest with a status", { allowRequest: () => no }, 429, "Too many of you."],
      ["allowRequest async true", { allowRequest: async () => true }, 101],
      ["allowRequest async false", { allowRequest: async () => false }, 403],
      ["allowRequest async with a status", { allowRequest: async () => no }, 429, "Too many of you."],
      ["allowRequest undefined", { allowRequest: () => {} }, 403],
      ["allowRequest null", { allowRequest: () => null }, 403],
      ["allowRequest async null", { allowRequest: async () => null }, 403],
      ["allowRequest async undefined", { allowRequest: async () => {} }, 403],
      ["allowRequest a thenable", { allowRequest: () => new Thenable() }, 403],
      ["allowRequest throws", { allowRequest: () => assert.fail() }, 500, undefined, 1],
      ["allowRequest rejects", { allowRequest: async () => assert.fail() }, 500, undefined, 1],
      ["verifyClient true", { verifyClient: () => true }, 101],
      ["verifyClient false", { verifyClient: () => false }, 401],
      ["verifyClient truthy, as in ws", { verifyClient: () => "yes" }, 101],
      ["verifyClient undefined, as in ws", { verifyClient: () => {} }, 401],
      ["verifyClient async", { verifyClient: async () => true }, 101],
      ["verifyClient async false", { verifyClient: async () => false }, 401],
      ["verifyClient throws", { verifyClient: () => assert.fail() }, 500, undefined, 1],
      ["verifyClient rejects", { verifyClient: async () => assert.fail() }, 500, undefined, 1],
      ["verifyClient calls back", { verifyClient: (_: unknown, cb: (ok: boolean) => void) => cb(true) }, 101],
      [
        "verifyClient calls back no",
        { verifyClient: (_: unknown, cb: (ok: boolean) => void) => cb(false) },
        401,
      ],
      [
        "verifyClient calls back with all",
        {
          verifyClient: (_: unknown, cb: (...all: unknown[]) => void) =>
            process.nextTick(cb, false, 402, "Pay.", { "X-Price": "1" }),
        },
        402,
        "Pay.",
      ],
      [
        "verifyClient calls back twice",
        {
          verifyClient: (_: unknown, cb: (ok: boolean) => void) => {
            cb(true);
            cb(false);
          },
        },
        101,
      ],
      [
        "verifyClient with a callback throws",
        { verifyClient: (_info: unknown, _callback: unknown) => assert.fail() },
        500,
        undefined,
        1,
      ],
      [
        "verifyClient with a callback rejects",
        { verifyClient: async (_info: unknown, _callback: unknown) => assert.fail() },
        500,
        undefined,
        1,
      ],
      [
        "allowRequest asks first, verifyClient after it",
        { allowRequest: async () => true, verifyClient: () => false },
        401,
      ],
      [
        "allowRequest says no, verifyClient is not asked",
        { allowRequest: () => false, verifyClient: () => assert.fail() },
        403,
      ],
    ];
  for (const [name, options, status, body, logged = 0] of CASES) {
    test(`${name}: ${status}`, async (t) => {
      const answer = await knock(t, options);
      assert.equal(answer.status, status);
      assert.equal(answer.logged, logged);
      if (body !== undefined) assert.equal(answer.body, body);
      else if (status !== 101) assert.match(answer.body, /^The server .*\.$/);
      if (status === 402) assert.equal(answer.headers["x-price"], "1");
    });
  }

  test("knows the origin, whether TLS is used, and the request", async (t) => {
    let seen: unknown[] = [];
    await knock(
      t,
      {
        verifyClient: ({ origin, secure, req }: ClientInfo) => {
          seen = [origin, secure, req.headers["x-test"]];
          return true;
        },
      },
      { Origin: "https://a", "X-Test": "1" },
    );
    assert.deepEqual(seen, ["https://a", false, "1"]);
  });

  test("comes before a subprotocol is chosen, as in ws", async (t) => {
    const order: string[] = [];
    const handleProtocols = (): false => {
      order.push("handleProtocols");
      return false;
    };
    const headers = { "Sec-WebSocket-Protocol": "a" };
    await knock(t, { verifyClient: () => order.push("verifyClient") > 0, handleProtocols }, headers);
    assert.deepEqual(order, ["verifyClient", "handleProtocols"]);
    await knock(t, { allowRequest: async () => false, handleProtocols }, headers);
    assert.equal(order.length, 2);
  });

  test("that takes too long is a no with 503, and what comes later means nothing", async (t) => {
    const clock = new FakeClock();
    let decide: ((verdict: boolean) => void) | undefined;
    const { wss, port } = await serve(t, {
      clock,
      handshakeTimeout: 5000,
      allowRequest: () => new Promise<boolean>((resolve) => (decide = resolve)),
    });
    const raw = await connectRaw(t, port);
    await raw.writeHandshake();
    await until(() => decide !== undefined);
    clock.advance(4999);
    const refused = nextOf(wss, "wsClientError");
    clock.advance(1);
    assert.equal((await raw.head()).status, 503);
    assert.equal(((await refused)[0] as { status?: number }).status, 503);
    decide!(true);
    await raw.closed();
    assert.equal(wss.clients.size, 0);
    await until(() => clock.pending === 0);
  });
});

describe("a peer that leaves while it is being decided about", () => {
  for (const verdict of [true, false]) {
    for (const how of ["ends", "resets"] as const) {
      test(`${how}, and the verdict is ${verdict}: nothing is left of it`, async (t) => {
        const clock = new FakeClock();
        let decide: ((verdict: boolean) => void) | undefined;
        let stream: { destroyed: boolean } | undefined;
        const { wss, port } = await serve(t, {
          clock,
          maxConnections: 1,
          allowRequest: ({ socket }) => {
            stream ??= socket;
            return new Promise<boolean>((resolve) => (decide = resolve));
          },
        });
        const raw = await connectRaw(t, port);
        await raw.writeHandshake();
        await until(() => decide !== undefined);
        if (how === "ends") raw.destroy();
        else raw.stream.resetAndDestroy();
        await raw.closed();
        decide!(verdict);
        await until(() => wss.clients.size === 0 && stream!.destroyed && clock.pending === 0);
        // Its place is free again.
        decide = undefined;
        const other = await connectRaw(t, port);
        await other.writeHandshake();
        await until(() => decide !== undefined);
        decide!(true);
        assert.equal((await other.head()).status, 101);
      });
    }
  }
});

describe("maxConnections", () => {
  test("more get 503, until one has left; those that are being decided about count", async (t) => {
    const decisions: ((verdict: boolean) => void)[] = [];
    const served = await serve(t, {
      maxConnections: 2,
      allowRequest: () => new Promise<boolean>((resolve) => void decisions.push(resolve)),
    });
    const raws = [];
    for (let count = 0; count < 2; count += 1) {
      const raw = await connectRaw(t, served.port);
      await raw.writeHandshake();
      raws.push(raw);
    }
    await until(() => decisions.length === 2);
    const third = await connectRaw(t, served.port);
    await third.writeHandshake();
    assert.equal((await third.head()).status, 503);
    decisions[0]!(false);
    decisions[1]!(true);
    assert.equal((await raws[0]!.head()).status, 403);
    assert.equal((await raws[1]!.head()).status, 101);
    const fourth = await connectRaw(t, served.port);
    await fourth.writeHandshake();
    await until(() => decisions.length === 3);
    decisions[2]!(true);
    assert.equal((await fourth.head()).status, 101);
    const fifth = await connectRaw(t, served.port);
    await fifth.writeHandshake();
    assert.equal((await fifth.head()).status, 503);
    const [socket] = served.wss.clients;
    const closed = nextOf(socket!, "close");
    raws[1]!.destroy();
    await closed;
    const sixth = await connectRaw(t, served.port);
    await sixth.writeHandshake();
    await until(() => decisions.length === 4);
    decisions[3]!(true);
    assert.equal((await sixth.head()).status, 101);
  });

  test("a handshake that was wrong takes no place", async (t) => {
    const served = await serve(t, { maxConnections: 1 });
    for (let count = 0; count < 3; count += 1) {
      const raw = await connectRaw(t, served.port);
      await raw.writeHandshake("/", { "Sec-WebSocket-Key": "x" });
      assert.equal((await raw.head()).status, 400);
    }
    await openRaw(t, served);
  });
});

describe("a server that is closed while it decides", () => {
  for (const how of ["close", "shutdown"] as const) {
    test(`refuses with 503, and then is closed (${how})`, async (t) => {
      let decide: ((verdict: boolean) => void) | undefined;
      const { wss, port } = await serve(t, {
        allowRequest: () => new Promise<boolean>((resolve) => (decide = resolve)),
      });
      const raw = await connectRaw(t, port);
      await raw.writeHandshake();
      await until(() => decide !== undefined);
      const closed = nextOf(wss, "close");
      void wss[how]();
      decide!(true);
      assert.equal((await raw.head()).status, 503);
      await closed;
      assert.equal(wss.clients.size, 0);
    });
  }
});

describe("shutdown", () => {
  test("reaches connections that are not shown in clients, and so does a broadcast", async (t) => {
    const { wss, url } = await serve(t, { clientTracking: false });
    const socket = new WebSocket(url);
    await nextOf(socket, "open");
    const message = new Promise((resolve) => void socket.once("message", resolve));
    const closed = new Promise((resolve) => void socket.once("close", resolve));
    assert.equal(wss.clients.size, 0);
    assert.equal(wss.broadcast("to all"), 1);
    assert.equal(String(await message), "to all");
    await wss.shutdown();
    assert.equal(await closed, 1001);
  });

  test("with a code that can't be sent rejects and closes nothing", async (t) => {
    const { wss, url } = await serve(t);
    await assert.rejects(wss.shutdown({ code: 1005 }), TypeError);
    const socket = new WebSocket(url);
    await nextOf(socket, "open");
    socket.terminate();
  });

  test("tells all clients why, and resolves when they have left", async (t) => {
    const clock = new FakeClock();
    const { wss, url } = await serve(t, { clock });
    const clients = [new WebSocket(url), new WebSocket(url)];
    await Promise.all(clients.map((socket) => nextOf(socket, "open")));
    await until(() => wss.clients.size === 2);
    const closes = clients.map((socket) => nextOf(socket, "close"));
    const [first, second] = [wss.shutdown({ code: 1012, reason: "restart" }), wss.shutdown()];
    await Promise.all([first, second]);
    for (const close of closes) {
      const [code, reason] = (await close) as [number, Buffer];
      assert.deepEqual([code, String(reason)], [1012, "restart"]);
    }
    assert.equal(clock.pending, 0);
    await wss.shutdown();
    await new Promise<void>((resolve, reject) => {
      wss.close((error) => (error === undefined ? reject(new Error("no error")) : resolve()));
    });
  });

  test("cuts off those that take too long, at the deadline", async (t) => {
    const clock = new FakeClock();
    const served = await serve(t, { clock });
    const { raw } = await openRaw(t, served);
    let isDone = false;
    const done = served.wss.shutdown({ timeout: 700 }).then(() => {
      isDone = true;
      return undefined;
    });
    assert.equal((await raw.nextFrame()).payload.readUInt16BE(0), 1001);
    clock.advance(699);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isDone, false);
    clock.advance(1);
    await done;
    await raw.closed();
    assert.equal(clock.pending, 0);
  });
});
