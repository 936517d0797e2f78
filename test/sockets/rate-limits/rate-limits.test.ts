/** The limits at the wire, of a server; with real clients: `rate-limits.clients.test.ts`. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EventError } from "../../../src/shared/event-error.ts";
import type { RateLimitOptions } from "../../../src/sockets/rate-limits/options.ts";
import type { Socket } from "../../../src/sockets/socket.ts";
import type { EventMap } from "../../../src/shared/events.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { EngineClient, SESSION_PATH } from "../../support/engine-client.ts";
import { startServer } from "../../support/fixture.ts";
import { ERRORS_PATH, joinPair, type Pair, startJoined } from "../../support/joined.ts";
import { nextOf } from "../../support/stock-client.ts";

const SLOWLY = { connection: { perSecond: 10, burst: 3 } };
const DELIVERY_PATH = `${ERRORS_PATH}&delivery=1`;

/** What a client is told instead of an acknowledgement. */
function refusal(retryAfterMs: number, what = "Too many events"): string {
  const message = `${what}: the next is taken in ${retryAfterMs} ms.`;
  return JSON.stringify({ code: "rate_limited", message, data: { retryAfterMs } });
}

/** Everything that the client has sent has been read, and it has got nothing meanwhile: acknowledgements are in order, and free. */
async function caughtUp({ client, socket }: Pair): Promise<void> {
  const answered = new Promise((resolve) => void socket.emit("there?", resolve));
  const [, id] = /^42(\d+)\["there\?"\]$/.exec(await client.next()) ?? assert.fail("something else came");
  await client.send(`43${id}[]`);
  await answered;
}

describe("an event that is one too many", () => {
  test("reaches no middleware, no catch-all listener, no schema, no listener", async (t) => {
    const clock = new FakeClock();
    const { io, socket, client } = await startJoined(t, { clock, rateLimits: SLOWLY }, ERRORS_PATH);
    const heard: string[] = [];
    io.validate({
      say: {
        "~standard": { version: 1, vendor: "test", validate: (value) => (heard.push("schema"), { value }) },
      },
    });
    socket.use((_event, next) => {
      heard.push("middleware");
      next();
    });
    socket.onAny(() => void heard.push("any"));
    socket.on("say", (text: string, ack: (text: string) => void) => {
      heard.push(text);
      ack(text);
    });
    for (const [id, answer] of [
      [1, '["1"]'],
      [2, '["2"]'],
      [3, refusal(100)],
      [4, refusal(100)],
    ] as const) {
      await client.send(`42${id}["say","${id}"]`);
      assert.equal(await client.next(), `4${id < 3 ? 3 : 4}${id}${answer}`);
    }
    const passed = ["middleware", "schema", "any"];
    assert.deepEqual(heard, [...passed, "1", ...passed, "2"]);
    clock.advance(100);
    await client.send('425["say","5"]');
    assert.equal(await client.next(), '435["5"]');
  });

  test("is told of at the socket, once in five seconds, with how many there were; nothing is logged", async (t) => {
    const clock = new FakeClock();
    const { io, socket, client } = await startJoined(t, { clock, rateLimits: SLOWLY });
    io.on("handler_error", () => assert.fail("it was reported"));
    const told: unknown[] = [];
    socket.on("error", (error) => void told.push([(error as EventError).code, (error as EventError).data]));
    const flood = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) await client.send('42["say"]');
      await caughtUp({ client, socket });
    };
    await flood(102);
    clock.advance(100);
    await flood(51);
    const data = { retryAfterMs: 100, limit: "connection" };
    assert.deepEqual(told, [["rate_limited", { ...data, refused: 1 }]]);
    clock.advance(4899);
    await flood(4);
    assert.equal(told.length, 1);
    clock.advance(1);
    await flood(1);
    assert.equal(told.length, 2);
    assert.deepEqual(told[1], ["rate_limited", { ...data, retryAfterMs: 99, refused: 151 }]);
  });

  test("is not answered where nobody asked for errors, or for an acknowledgement", async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, { clock, rateLimits: SLOWLY });
    const stock = await joinPair(t, server);
    for (let id = 1; id <= 10; id += 1) await stock.client.send(`42${id}["say"]`);
    await caughtUp(stock);
    const asking = await joinPair(t, server, ERRORS_PATH);
    for (let id = 1; id <= 10; id += 1) await asking.client.send('42["say"]');
    await caughtUp(asking);
  });

  test("may have any name, a number too, and attachments", async (t) => {
    const rateLimits = { events: { "7": { perSecond: 1 }, bytes: { perSecond: 4 } } };
    const { socket, client } = await startJoined(t, { clock: new FakeClock(), rateLimits }, ERRORS_PATH);
    socket.onAny((_name: string, ...args: unknown[]) => (args.at(-1) as () => void)());
    await client.send("421[7]");
    assert.equal(await client.next(), "431[]");
    await client.send('422["7"]');
    assert.equal(await client.next(), `442${refusal(1000, 'Too many events "7"')}`);
    for (const id of [3, 4, 5, 6, 7]) {
      await client.send(`451-${id}["bytes",{"_placeholder":true,"num":0}]`);
      await client.sendBinary(Uint8Array.of(id));
      assert.equal(
        await client.next(),
        id < 7 ? `43${id}[]` : `447${refusal(250, 'Too many events "bytes"')}`,
      );
    }
  });

  test("is none of acknowledgements, pongs, and packets of a namespace that is left", async (t) => {
    const { socket, client } = await startJoined(
      t,
      { clock: new FakeClock(), rateLimits: SLOWLY },
      ERRORS_PATH,
    );
    const answers: unknown[] = [];
    socket.on("say", (ack: () => void) => ack());
    for (let id = 0; id < 10; id += 1) {
      socket.emit("ask", (answer: unknown) => answers.push(answer));
      assert.equal(await client.next(), `42${id}["ask"]`);
      await client.send(`43${id}[${id}]`);
      await client.send("3");
    }
    await client.send('421["say"]');
    assert.equal(await client.next(), "431[]");
    assert.equal(answers.length, 10);
  });
});

describe("joining", () => {
  test("counts as an event of the connection, whatever becomes of it", async (t) => {
    const clock = new FakeClock();
    const { io, port } = await startServer(t, { clock, rateLimits: SLOWLY });
    let decided = 0;
    io.use((_socket, next) => {
      decided += 1;
      next(new Error("no"));
    });
    const client = await EngineClient.open(t, port);
    for (let count = 0; count < 3; count += 1) {
      await client.send("40");
      assert.equal(await client.next(), '44{"message":"no"}');
    }
    await client.send("40");
    assert.equal(
      await client.next(),
      '44{"message":"Too many events: it may join in 100 ms.","data":{"code":"rate_limited","retryAfterMs":100}}',
    );
    assert.equal(decided, 3);
    clock.advance(100);
    await client.send("40");
    assert.equal(await client.next(), '44{"message":"no"}');
  });
});

describe("all clients of an address", () => {
  test("count together; their address is the one that trusted proxies say", async (t) => {
    const options = {
      clock: new FakeClock(),
      trustProxy: "loopback",
      rateLimits: { address: { perSecond: 1, burst: 2 } },
    };
    const { io, port } = await startServer(t, options);
    io.on("connection", (socket) => socket.on("say", (ack: () => void) => ack()));
    const answersOf = async (forwardedFor: string): Promise<string> => {
      const client = await EngineClient.open(t, port, ERRORS_PATH, { "X-Forwarded-For": forwardedFor });
      await client.joinNamespace();
      await client.send('421["say"]');
      return client.next();
    };
    const tooMany = `441${refusal(1000, "Too many events from this address")}`;
    for (const [address, answer] of [
      ["198.51.100.1", "431[]"],
      ["2001:db8::1", "431[]"],
      ["2001:db8::ffff", "431[]"],
      ["2001:db8::2", tooMany],
      ["198.51.100.1", "431[]"],
      ["198.51.100.1", tooMany],
      ["198.51.100.2", "431[]"],
    ] as const) {
      assert.equal(await answersOf(address), answer, address);
    }
  });
});

describe("a client that goes on although it is refused", () => {
  const flooding = { connection: { perSecond: 1, burst: 3 }, disconnectAfter: 5 };

  test("is disconnected from all its namespaces, and what comes behind is not heard", async (t) => {
    const { io, client, socket } = await startJoined(
      t,
      { clock: new FakeClock(), rateLimits: flooding },
      ERRORS_PATH,
    );
    io.of("/n");
    await client.joinNamespace("/n");
    const [other] = [...io.of("/n").sockets.values()] as [Socket];
    const ends = Promise.all([nextOf(socket, "disconnect"), nextOf(other, "disconnect")]);
    let heard = 0;
    socket.onAny(() => void (heard += 1));
    await client.send('42["say"]');
    for (let id = 1; id <= 5; id += 1) await client.send(`42${id}["say"]`);
    await client.raw.sendText('426["say"]').catch(() => {});
    for (let id = 1; id <= 5; id += 1) assert.equal(await client.next(), `44${id}${refusal(1000)}`);
    assert.equal(await client.nextClose(), undefined);
    for (const [reason, details] of await ends) {
      assert.equal(reason, "rate limit exceeded");
      assert.deepEqual(details, {
        clean: true,
        description: 'the client went on sending although it was refused ("rateLimits.disconnectAfter")',
      });
    }
    assert.equal(heard, 1);
    assert.equal(io.sockets.sockets.size, 0);
  });

  test("may be one that only joins", async (t) => {
    const { io, port } = await startServer(t, { clock: new FakeClock(), rateLimits: flooding });
    io.use((_socket, next) => next(new Error("no")));
    const client = await EngineClient.open(t, port);
    for (let count = 0; count < 8; count += 1) await client.send("40");
    for (let count = 0; count < 8; count += 1)
      assert.match(await client.next(), count < 3 ? /"no"/ : /rate_limited/);
    assert.equal(await client.nextClose(), undefined);
  });

  test("does not harm others, of its address either", async (t) => {
    const rateLimits: RateLimitOptions<EventMap> = { ...flooding, address: { perSecond: 100, burst: 100 } };
    const server = await startServer(t, { clock: new FakeClock(), rateLimits });
    const { client, socket } = await joinPair(t, server);
    const good = await joinPair(t, server, ERRORS_PATH);
    const gone = nextOf(socket, "disconnect");
    for (let count = 0; count < 7; count += 1) await client.send('42["say"]');
    assert.equal((await gone)[0], "rate limit exceeded");
    good.socket.on("say", (ack: () => void) => ack());
    await good.client.send('421["say"]');
    assert.equal(await good.client.next(), "431[]");
  });
});

describe("the events of an outbox", () => {
  test("that are refused are done; one that comes twice is not counted", async (t) => {
    const clock = new FakeClock();
    const { io, port } = await startServer(t, { clock, delivery: true, rateLimits: SLOWLY });
    const heard: string[] = [];
    io.on("connection", (socket) => {
      socket.on("say", (text: string, ack: (text: string) => void) => {
        heard.push(text);
        ack(text);
      });
      socket.on("begin", (text: string) => {
        heard.push(text);
        return new Promise(() => {});
      });
    });
    const join = async (claim = ""): Promise<{ client: EngineClient; answer: string }> => {
      const client = await EngineClient.open(t, port, DELIVERY_PATH);
      await client.send(`40${claim}`);
      return { client, answer: await client.next() };
    };
    const send = (client: EngineClient, sequence: number, name = "say"): Promise<void> =>
      client.send(`42@${sequence},${sequence}["${name}","${sequence}"]`);

    const { client: first, answer: seated } = await join();
    const { key, epoch } = (JSON.parse(seated.slice(2)) as { $seat: { key: string; epoch: string } }).$seat;
    let last = "";
    for (const [sequence, answer] of [
      [1, /^43@\d+,1\["1"\]$/],
      [2, /^43@\d+,2\["2"\]$/],
      [3, /^44@\d+,3\{"code":"rate_limited"/],
    ] as const) {
      await send(first, sequence);
      last = await first.next();
      assert.match(last, answer);
    }
    clock.advance(20);
    assert.equal(await first.next(), "43@3,");
    clock.advance(280);
    const begun = nextOf(io.sockets.sockets.values().next().value!, "begin");
    await send(first, 4, "begin");
    await begun;

    const offset = Number(/@(\d+),/.exec(last)?.[1]);
    const { client: second, answer: back } = await join(JSON.stringify({ $seat: { key, epoch, offset } }));
    assert.match(back, /"sequence":3.*"recovered":true/);
    await send(second, 4, "begin");
    for (const [sequence, answer] of [
      [5, /^43@\d+,5\["5"\]$/],
      [6, /^43@\d+,6\["6"\]$/],
      [7, /^44@\d+,7\{"code":"rate_limited"/],
    ] as const) {
      await send(second, sequence);
      assert.match(await second.next(), answer);
    }
    assert.deepEqual(heard, ["1", "2", "4", "5", "6"]);
  });
});

test("a server without limits counts nothing", async (t) => {
  const { socket, client } = await startJoined(t, {}, SESSION_PATH);
  let heard = 0;
  socket.on("say", (ack?: () => void) => {
    heard += 1;
    ack?.();
  });
  for (let count = 0; count < 2000; count += 1) void client.send('42["say"]');
  await client.send('421["say"]');
  assert.equal(await client.next(), "431[]");
  assert.equal(heard, 2001);
});
