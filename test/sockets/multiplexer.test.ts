import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Socket } from "../../src/sockets/socket.ts";
import { EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";

describe("joining", () => {
  test("is answered with exactly the socket's id", async (t) => {
    const { io, port } = await startServer(t);
    const client = await EngineClient.open(t, port);
    await client.send('40{"token":"x"}');
    const answer = await client.next();
    const [socket] = io.sockets.sockets.values();
    assert.equal(answer, `40{"sid":"${socket!.id}"}`);
    assert.notEqual(socket!.id, client.handshake["sid"]);
    assert.deepEqual(socket!.handshake.auth, { token: "x" });
  });

  test("several namespaces on one connection are several sockets", async (t) => {
    const { io, port } = await startServer(t);
    io.of("/admin").on(
      "connection",
      (socket) => void socket.on("who", (ack: (n: string) => void) => ack("admin")),
    );
    io.on("connection", (socket) => void socket.on("who", (ack: (n: string) => void) => ack("main")));
    const client = await EngineClient.open(t, port);
    const main = await client.joinNamespace();
    const admin = await client.joinNamespace("/admin");
    assert.notEqual(main, admin);
    await client.send('42/admin,1["who"]');
    assert.equal(await client.next(), '43/admin,1["admin"]');
    await client.send('421["who"]');
    assert.equal(await client.next(), '431["main"]');
    await client.send("41/admin");
    await client.send('421["who"]');
    assert.equal(await client.next(), '431["main"]');
    assert.deepEqual([io.sockets.sockets.size, io.of("/admin").sockets.size], [1, 0]);
  });

  test("both ways to end a namespace's name are understood", async (t) => {
    const { io, port } = await startServer(t);
    io.of("/custom");
    const client = await EngineClient.open(t, port);
    await client.send("40/custom");
    assert.match(await client.next(), /^40\/custom,\{"sid":"[^"]+"\}$/);
    await client.send("41/custom");
    await client.send("40/custom,");
    assert.match(await client.next(), /^40\/custom,\{"sid":"[^"]+"\}$/);
    await client.send("41/custom,");
    await client.joinNamespace("/custom");
  });

  test("a namespace that is not there is refused, and may be there later", async (t) => {
    const { io, port } = await startServer(t);
    const client = await EngineClient.open(t, port);
    for (const name of ["/x", "/admin?token=1", "/ü"]) {
      await client.send(`40${name},{"a":1}`);
      assert.equal(await client.next(), `44${name},{"message":"Invalid namespace"}`);
    }
    io.of("/x");
    await client.joinNamespace("/x");
  });

  test("after the last namespace the session stays", async (t) => {
    const { port } = await startServer(t);
    const client = await EngineClient.join(t, port);
    await client.send("41");
    await client.joinNamespace();
  });
});

describe("breaches end the session, and say so", () => {
  const beforeJoining: readonly string[] = [
    '42["early"]',
    '420["early"]',
    "430[]",
    "41",
    '42/admin,["elsewhere"]',
    '44{"message":"no"}',
    "40[]",
    "40null",
    "4",
    "47",
    "4x",
  ];
  const afterJoining: readonly string[] = [
    "40",
    "40{}",
    '44{"message":"no"}',
    '42/admin,["elsewhere"]',
    "43/admin,1[]",
    "41/admin",
    "41{}",
    "42{}",
    "42[",
    "42[]",
    "42[null]",
    '42["ev"',
    '42["connect"]',
    '42["connect_error"]',
    '42["disconnect"]',
    '42["disconnecting"]',
    '42["newListener"]',
    '42["removeListener"]',
    "43[]",
    "431",
    "431{}",
    "4299999999999999999999[1]",
    '4511-["ev"]',
    '45["ev"]',
    "0{}",
    "2",
    "5",
    "6",
    "7",
    "",
    "hello",
  ];
  for (const [when, packets] of [
    ["before joining", beforeJoining],
    ["after joining", afterJoining],
  ] as const) {
    for (const packet of packets) {
      test(`${JSON.stringify(packet)} ${when}`, async (t) => {
        const { io, port } = await startServer(t);
        io.of("/admin");
        const left: unknown[] = [];
        io.on("connection", (socket) => void socket.on("disconnect", (reason) => left.push(reason)));
        const client =
          when === "before joining" ? await EngineClient.open(t, port) : await EngineClient.join(t, port);
        await client.send(packet);
        assert.equal(await client.nextClose(), 1002);
        assert.deepEqual(left, when === "before joining" ? [] : ["parse error"]);
        assert.equal(io.sockets.sockets.size, 0);
      });
    }
  }

  const place = (num: unknown): string => JSON.stringify({ _placeholder: true, num });
  const binary: readonly (readonly [string, readonly (string | Buffer)[]])[] = [
    ["binary while none is due", [Buffer.of(1)]],
    ["text while attachments are due", [`452-["ev",${place(0)},${place(1)}]`, Buffer.of(1), '42["ev"]']],
    ["more binary than announced", [`451-["ev",${place(0)}]`, Buffer.of(1), Buffer.of(2)]],
    ["a placeholder out of range", [`451-["ev",${place(1)}]`, Buffer.of(1)]],
    ["a negative placeholder", [`451-["ev",${place(-1)}]`, Buffer.of(1)]],
    ["a placeholder that is no whole number", [`451-["ev",${place(0.5)}]`, Buffer.of(1)]],
  ];
  for (const [what, messages] of binary) {
    test(what, async (t) => {
      const { port } = await startServer(t);
      const client = await EngineClient.join(t, port);
      for (const message of messages) {
        if (typeof message === "string") await client.send(message);
        else await client.sendBinary(message);
      }
      assert.equal(await client.nextClose(), 1002);
    });
  }

  test("all namespaces are told", async (t) => {
    const { io, port } = await startServer(t);
    const left: string[] = [];
    for (const name of ["/", "/admin"]) {
      io.of(name).on("connection", (socket) => {
        socket.on("disconnect", (reason, { clean }) => left.push(`${name} ${reason} ${clean}`));
      });
    }
    const client = await EngineClient.join(t, port);
    await client.joinNamespace("/admin");
    await client.send("42[");
    await client.nextClose();
    assert.deepEqual(left, ["/ parse error false", "/admin parse error false"]);
  });
});

describe("what is not a breach", () => {
  test("packets that cross with the server's disconnect", async (t) => {
    const { io, port } = await startServer(t);
    const heard: string[] = [];
    io.on("connection", (socket) => {
      socket.on("leave me", () => void socket.disconnect());
      socket.on("late", () => heard.push("late"));
    });
    const client = await EngineClient.join(t, port);
    await client.send('42["leave me"]');
    for (const packet of ['42["late"]', '421["late"]', "430[]", '450-["late"]', "41"])
      await client.send(packet);
    await client.send('451-["late",{"_placeholder":true,"num":0}]');
    await client.sendBinary(Buffer.of(1));
    assert.equal(await client.next(), "41");
    await client.joinNamespace();
    await client.send("41");
    await client.joinNamespace();
    assert.deepEqual(heard, []);
  });

  test("acknowledgements that nobody waits for", async (t) => {
    const { port } = await startServer(t);
    const client = await EngineClient.join(t, port);
    await client.send("430[]");
    await client.send('4399["x"]');
    await client.send('461-5[{"_placeholder":true,"num":0}]');
    await client.sendBinary(Buffer.of(1));
    await client.send("41");
    await client.joinNamespace();
  });

  test("events that nobody listens to, with a number or an odd word for a name", async (t) => {
    const { io, port } = await startServer(t);
    const heard: unknown[] = [];
    io.on("connection", (socket) => {
      socket.on("7", (...args: unknown[]) => heard.push(args));
      socket.on("last", () => heard.push("last"));
    });
    const client = await EngineClient.join(t, port);
    for (const packet of [
      "42[7,1]",
      '42["7",2]',
      '42["__proto__"]',
      '42[""]',
      '42["nobody",{}]',
      '42["last"]',
    ]) {
      await client.send(packet);
    }
    await client.send("41");
    await client.joinNamespace();
    assert.deepEqual(heard, [[1], [2], "last"]);
  });

  test("a binary packet that announces no attachments", async (t) => {
    const { io, port } = await startServer(t);
    io.on("connection", (socket) => {
      socket.on("echo", (value: unknown, ack: (same: unknown) => void) => ack(value));
    });
    const client = await EngineClient.join(t, port);
    await client.send('450-3["echo",{"a":1}]');
    assert.equal(await client.next(), '433[{"a":1}]');
  });
});

test("a namespace that is left while it is being left is left once", async (t) => {
  for (const event of ["disconnecting", "disconnect"] as const) {
    const { io, port } = await startServer(t);
    const left: string[] = [];
    const sockets: Socket[] = [];
    for (const name of ["/", "/b", "/c"]) {
      io.of(name).on("connection", (socket) => {
        sockets.push(socket);
        socket.on("disconnect", (reason) => left.push(`${name} ${reason}`));
        socket.on(event, () => {
          for (const other of sockets) other.disconnect(true);
        });
      });
    }
    const client = await EngineClient.join(t, port);
    await client.joinNamespace("/b");
    await client.joinNamespace("/c");
    sockets[1]!.disconnect(true);
    const told = [await client.next(), await client.next(), await client.next()];
    assert.deepEqual(told.toSorted(), ["41", "41/b,", "41/c,"]);
    await client.nextClose();
    const reason = "server namespace disconnect";
    assert.deepEqual(left.toSorted(), [`/ ${reason}`, `/b ${reason}`, `/c ${reason}`]);
  }
});
