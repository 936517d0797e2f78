import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { allSessions } from "../../src/client/engine-session.ts";
import { makeIo } from "../../src/client/io.ts";
import { FakePlatform } from "../support/fake-platform.ts";

/** The address that a call of `io` opens, and the namespace it then joins. */
function opened(
  pageUrl: string | undefined,
  ...args: Parameters<ReturnType<typeof makeIo>>
): [string, unknown] {
  const platform = new FakePlatform(pageUrl);
  makeIo(platform, allSessions)(...args);
  platform.webSocket.open();
  return [platform.webSocket.url, platform.webSocket.take()[0]];
}

const QUERY = "?EIO=4&transport=websocket&errors=1&drain=1&link=1";

describe("an address", () => {
  const outside: readonly (readonly [string | URL, string, string])[] = [
    ["http://localhost:3000", `ws://localhost:3000/socket.io/${QUERY}`, "40"],
    ["http://localhost:3000/", `ws://localhost:3000/socket.io/${QUERY}`, "40"],
    ["https://chat.example", `wss://chat.example/socket.io/${QUERY}`, "40"],
    ["https://chat.example/admin", `wss://chat.example/socket.io/${QUERY}`, "40/admin,"],
    ["ws://localhost:3000", `ws://localhost:3000/socket.io/${QUERY}`, "40"],
    ["wss://chat.example:8443/a/b", `wss://chat.example:8443/socket.io/${QUERY}`, "40/a/b,"],
    ["http://[::1]:3000", `ws://[::1]:3000/socket.io/${QUERY}`, "40"],
    [
      "http://localhost:3000/?x=1&y=a%20b",
      "ws://localhost:3000/socket.io/?x=1&y=a+b&EIO=4&transport=websocket&errors=1&drain=1&link=1",
      "40",
    ],
    [new URL("http://localhost:3000/admin"), `ws://localhost:3000/socket.io/${QUERY}`, "40/admin,"],
  ];
  for (const [address, url, connect] of outside) {
    test(String(address), () => {
      assert.deepEqual(opened(undefined, address), [url, connect]);
    });
  }

  test("in a page may be left out, or be a path", () => {
    const page = "https://chat.example:8443/rooms/1?x=1#top";
    const url = `wss://chat.example:8443/socket.io/${QUERY}`;
    assert.deepEqual(opened(page), [url, "40"]);
    assert.deepEqual(opened(page, {}), [url, "40"]);
    assert.deepEqual(opened(page, "/admin"), [url, "40/admin,"]);
    assert.deepEqual(opened(page, "http://elsewhere"), [`ws://elsewhere/socket.io/${QUERY}`, "40"]);
    assert.deepEqual(opened(page, { auth: { a: 1 } }), [url, '40{"a":1}']);
  });

  test("that is none is refused with a sentence", () => {
    const io = makeIo(new FakePlatform(), allSessions);
    for (const address of ["", "/admin", "localhost", "http://", "http://a b"]) {
      assert.throws(() => io(address), { name: "TypeError", message: /is not the URL/ }, address);
    }
    assert.throws(() => io(), { name: "TypeError", message: /must be whole/ });
    for (const address of ["ftp://localhost", "file:///etc/passwd", "localhost:3000", "javascript:0"]) {
      assert.throws(() => io(address), { name: "TypeError", message: /begins with http/ }, address);
    }
    assert.throws(() => makeIo(new FakePlatform("http://page"), allSessions)("http://"), TypeError);
  });
});

describe("options", () => {
  const url = "http://localhost:3000";

  test("path and query", () => {
    for (const path of ["/live", "/live/", "live"]) {
      assert.equal(opened(undefined, url, { path })[0], `ws://localhost:3000/live/${QUERY}`);
    }
    const query = { EIO: "3", transport: "polling", room: "a&b" };
    const address = new URL(opened(undefined, url, { query })[0]);
    assert.deepEqual(Object.fromEntries(address.searchParams), {
      EIO: "4",
      transport: "websocket",
      errors: "1",
      drain: "1",
      link: "1",
      room: "a&b",
    });
  });

  test("extraHeaders", () => {
    const platform = new FakePlatform();
    makeIo(platform, allSessions)(url, { extraHeaders: { Authorization: "Bearer x" } });
    assert.deepEqual(platform.webSocket.headers, { Authorization: "Bearer x" });
  });

  test("auth, as an object or a function asked each time", () => {
    assert.deepEqual(opened(undefined, url, { auth: { token: "x" } })[1], '40{"token":"x"}');
    let count = 0;
    const platform = new FakePlatform();
    makeIo(platform, allSessions)(url, { auth: (give) => give({ count: ++count }) });
    for (const expected of ['40{"count":1}', '40{"count":2}']) {
      platform.webSocket.open();
      assert.deepEqual(platform.webSocket.take(), [expected]);
      platform.webSocket.lose();
      platform.clock.advance(60_000);
    }
  });

  test("autoConnect: false waits to be told", () => {
    const platform = new FakePlatform();
    const socket = makeIo(platform, allSessions)(url, { autoConnect: false });
    assert.equal(platform.webSockets.length, 0);
    assert.equal(socket.active, false);
    socket.connect();
    assert.equal(platform.webSockets.length, 1);
    assert.equal(socket.active, true);
    socket.connect();
    assert.equal(platform.webSockets.length, 1);
  });
});

describe("connections", () => {
  const url = "http://localhost:3000";

  /** How many connections a list of calls makes. */
  function count(...calls: readonly Parameters<ReturnType<typeof makeIo>>[]): number {
    const platform = new FakePlatform();
    const io = makeIo(platform, allSessions);
    for (const call of calls) io(...call);
    return platform.webSockets.length;
  }

  test("are shared by the namespaces of one server", () => {
    assert.equal(count([url], [`${url}/admin`], [`${url}/news`]), 1);
    assert.equal(count(["http://localhost"], ["http://localhost:80/admin"]), 1);
    assert.equal(count([url, { path: "/a" }], [`${url}/admin`, { path: "/a" }]), 1);
  });

  test("are not shared with another server or path, nor by a namespace that is there already", () => {
    assert.equal(count([url], [`http://localhost:3001/admin`]), 2);
    assert.equal(count([url], [`https://localhost:3000/admin`]), 2);
    assert.equal(count([url, { path: "/a" }], [`${url}/admin`]), 2);
    assert.equal(count([url], [url], [url]), 3);
  });

  test("are not shared where that is not wanted, and not with others later", () => {
    for (const alone of [{ forceNew: true }, { multiplex: false }]) {
      assert.equal(count([url], [`${url}/admin`, alone]), 2);
      assert.equal(count([url, alone], [`${url}/admin`]), 2);
    }
  });

  test("are those of the first call: its query holds for all", () => {
    const platform = new FakePlatform();
    const io = makeIo(platform, allSessions);
    const main = io(`${url}?from=first`);
    const admin = io(`${url}/admin?from=second`, { auth: { token: "x" } });
    assert.equal(main.io, admin.io);
    assert.equal(new URL(platform.webSocket.url).searchParams.get("from"), "first");
    platform.webSocket.open();
    assert.deepEqual(platform.webSocket.take(), ["40", '40/admin,{"token":"x"}']);
  });

  test("are not made by a namespace that is to wait, nor before the first that is not", () => {
    const platform = new FakePlatform();
    const io = makeIo(platform, allSessions);
    io(url, { autoConnect: false });
    const admin = io(`${url}/admin`);
    assert.equal(admin.active, false);
    assert.equal(platform.webSockets.length, 0);
    io(`${url}/news`, { autoConnect: true });
    assert.equal(platform.webSockets.length, 1);
  });
});

test("io carries what Socket.IO's does", () => {
  const platform = new FakePlatform();
  const io = makeIo(platform, allSessions);
  assert.equal(io.connect, io);
  assert.equal(io.protocol, 5);
  const socket = io("http://localhost");
  assert.ok(socket instanceof io.Socket);
  assert.ok(socket.io instanceof io.Manager);
});
