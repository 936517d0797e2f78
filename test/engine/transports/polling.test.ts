import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PreparedMessage } from "../../../src/engine/index.ts";
import { PollingTransport } from "../../../src/engine/transports/polling.ts";
import type { RequestTransportOptions } from "../../../src/engine/transports/request-based.ts";
import { FakeExchange } from "../../support/fake-exchange.ts";
import { requestOptions, sessionsFor } from "../../support/sessions.ts";

/** A plain session that polls; the open packet has been fetched. */
async function openPolling(options: Partial<RequestTransportOptions> = {}) {
  const { sessions, clock, opened, open } = sessionsFor();
  const transport = new PollingTransport(requestOptions(clock, options));
  const session = open(transport);
  const opening = FakeExchange.get({});
  transport.receiveExchange(opening);
  await Promise.resolve();
  const poll = (): FakeExchange => {
    const exchange = FakeExchange.get();
    session.receiveExchange(exchange, "polling");
    return exchange;
  };
  const post = (body?: string): FakeExchange => {
    const exchange = FakeExchange.post(body);
    session.receiveExchange(exchange, "polling");
    return exchange;
  };
  return { sessions, clock, transport, opening, poll, post, ...opened[0]!, session };
}

/** What an exchange was answered with. */
function answerOf({ status, text }: FakeExchange): [number | undefined, string] {
  return [status, text];
}

test("the request that began the session gets the open packet, and what came behind it", async () => {
  const { sessions, clock, open } = sessionsFor({}, ({ session }) => session.send("hello"));
  const transport = new PollingTransport(requestOptions(clock));
  open(transport, { id: "abc", upgrades: ["websocket"] });
  const opening = FakeExchange.get({});
  transport.receiveExchange(opening);
  assert.equal(opening.status, undefined);
  await Promise.resolve();
  assert.deepEqual(answerOf(opening), [
    200,
    '0{"sid":"abc","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000}\x1E4hello',
  ]);
  assert.equal(sessions.size, 1);
});

describe("down", () => {
  test("all that is sent in a turn leaves in one payload", async () => {
    const { session, poll } = await openPolling();
    const held = poll();
    session.send("one", [Uint8Array.of(1, 2, 3)]);
    session.sendPrepared(new PreparedMessage("two", [Uint8Array.of(4)]));
    session.sendBinary(new Uint8Array(0));
    assert.equal(held.status, undefined);
    await Promise.resolve();
    assert.deepEqual(answerOf(held), [200, "4one\x1EbAQID\x1E4two\x1EbBA==\x1Eb"]);
  });

  test("what is sent between two requests waits for the next one", async () => {
    const { session, transport, poll } = await openPolling();
    session.send("early");
    await Promise.resolve();
    session.send("later");
    assert.equal(transport.bufferedBytes, 12);
    const held = poll();
    await Promise.resolve();
    assert.deepEqual(answerOf(held), [200, "4early\x1E4later"]);
    assert.equal(transport.bufferedBytes, 0);
    const next = poll();
    await Promise.resolve();
    assert.equal(next.status, undefined);
  });

  test("an answer has at most 16 packets: some clients refuse more; the rest comes with the next", async () => {
    const { session, transport, poll } = await openPolling();
    for (let number = 0; number < 20; number += 1) session.send(`${number}`);
    for (const [first, count] of [
      [0, 16],
      [16, 4],
    ] as const) {
      const held = poll();
      await Promise.resolve();
      const packets = Array.from({ length: count }, (_, at) => `4${first + at}`);
      assert.deepEqual(answerOf(held), [200, packets.join("\x1E")]);
    }
    assert.equal(transport.bufferedBytes, 0);
  });

  test("a prepared message is encoded once for all", async () => {
    const message = new PreparedMessage("to all", [Uint8Array.of(1)]);
    const polls: FakeExchange[] = [];
    for (let i = 0; i < 2; i++) {
      const { session, poll } = await openPolling();
      polls.push(poll());
      session.sendPrepared(message);
    }
    await Promise.resolve();
    for (const poll of polls) assert.equal(poll.text, "4to all\x1EbAQ==");
    const encoded = message.encoding("payload", () => assert.fail("it was not kept"));
    assert.deepEqual(encoded, { text: "4to all\x1EbAQ==" });
  });

  test("the ping rides the held request", async () => {
    const { clock, post, poll, session } = await openPolling();
    for (let beat = 0; beat < 3; beat++) {
      const held = poll();
      clock.advance(299);
      await Promise.resolve();
      assert.equal(held.status, undefined);
      clock.advance(1);
      await Promise.resolve();
      assert.deepEqual(answerOf(held), [200, "2"]);
      assert.deepEqual(answerOf(post("3")), [200, "ok"]);
    }
    assert.ok(session.isOpen);
  });

  test("a ping that nobody fetched in time ends the session", async () => {
    const { clock, told, poll, sessions, session } = await openPolling();
    clock.advance(499);
    assert.ok(session.isOpen);
    const late = poll();
    clock.advance(1);
    assert.deepEqual(told, [["close", "ping timeout", false, "no pong came in time"]]);
    assert.equal(late.text, "1");
    assert.equal(sessions.get(session.id), undefined);
    assert.equal(clock.pending, 0);
  });

  test("more than may wait ends the session, or is dropped", async () => {
    for (const overflow of ["terminate", "drop"] as const) {
      const { session, told } = await openPolling({ maxBufferedBytes: 100, overflow });
      for (let i = 0; i < 10; i++) session.send("x".repeat(10));
      assert.equal(session.isOpen, overflow === "drop");
      if (overflow === "drop") continue;
      assert.deepEqual(told, [
        ["close", "transport error", false, "More than 100 bytes were waiting to be sent."],
      ]);
    }
  });
});

describe("up", () => {
  test("a body's packets are handed over in order, and it is answered with ok", async () => {
    const { post, received } = await openPolling();
    assert.deepEqual(answerOf(post("4one\x1EbAQI=\x1E4\x1Eb\x1E3")), [200, "ok"]);
    assert.deepEqual(received, ["one", Buffer.of(1, 2), "", Buffer.of()]);
  });

  test("bodies of any cut bring the same messages", async () => {
    const messages = ["4one", "bAQI=", "4ä€😀", "4\n\r"];
    const whole = await openPolling();
    whole.post(messages.join("\x1E"));
    const pieces = await openPolling();
    for (const message of messages) assert.equal(pieces.post(message).text, "ok");
    assert.deepEqual(pieces.received, whole.received);
    assert.equal(whole.received.length, 4);
  });

  for (const body of [
    "",
    "x",
    "7",
    "abc",
    "4a\x1E",
    "\x1E4a",
    "b?",
    "bAQI",
    "bA===",
    "0{}",
    "2",
    "2probe",
    "5",
    "6",
  ]) {
    test(`the body ${JSON.stringify(body)} breaks the rules`, async () => {
      const { post, poll, told, sessions, session, clock } = await openPolling();
      const held = poll();
      assert.equal(post(body).status, 400);
      assert.deepEqual(answerOf(held), [200, "1"]);
      assert.equal(told[0]?.[1], "parse error");
      assert.equal(sessions.get(session.id), undefined);
      assert.equal(clock.pending, 0);
    });
  }

  test("what the layer above refuses breaks them too, and nothing behind it is handed over", async () => {
    const { post, received, told } = await openPolling();
    assert.equal(post("4fine\x1E4breach\x1E4late").status, 400);
    assert.deepEqual(received, ["fine"]);
    assert.deepEqual(told, [["close", "parse error", false, "breach"]]);
  });

  test("a body that is too long is refused, and the session stays", async () => {
    const { post, session } = await openPolling();
    const long = post();
    long.failBody("too long");
    assert.equal(long.status, 413);
    assert.ok(session.isOpen);
    assert.equal(post("4on").text, "ok");
  });

  test("one that is cut, or never ends, closes the session", async () => {
    for (const failure of ["aborted", "too slow"] as const) {
      const { post, told } = await openPolling();
      post().failBody(failure);
      assert.deepEqual(told, [["close", "transport error", false, `a POST was ${failure}`]]);
    }
  });

  test("one that is not text closes the session", async () => {
    const { session, told } = await openPolling();
    const binary = new FakeExchange("POST", { sid: "s" }, "4a", "application/octet-stream");
    session.receiveExchange(binary, "polling");
    assert.equal(binary.status, 400);
    assert.equal(told[0]?.[1], "transport error");
  });

  test("a second one while one runs closes the session; the first is refused when it has come", async () => {
    const { post, poll, told, received, clock } = await openPolling();
    const held = poll();
    const first = post();
    assert.equal(post("4b").status, 400);
    assert.equal(held.text, "1");
    first.completeBody("4a");
    assert.equal(first.status, 400);
    assert.deepEqual(received, []);
    assert.deepEqual(told, [["close", "transport error", false, "a POST overlapped another one"]]);
    assert.equal(clock.pending, 0);
  });
});

describe("the end", () => {
  test("by a second GET while one is held", async () => {
    const { poll, told, clock } = await openPolling();
    const [first, second] = [poll(), poll()];
    assert.deepEqual(answerOf(first), [200, "1"]);
    assert.equal(second.status, 400);
    assert.deepEqual(told, [["close", "transport error", false, "a GET overlapped another one"]]);
    assert.equal(clock.pending, 0);
  });

  test("by a held GET that is cut, but not by one that is cut after its answer", async () => {
    const { poll, session, told, sessions } = await openPolling();
    const held = poll();
    session.send("answered");
    await Promise.resolve();
    held.abort();
    assert.ok(session.isOpen);
    poll().abort();
    assert.deepEqual(told, [["close", "transport error", false, "a held GET was cut"]]);
    assert.equal(sessions.get(session.id), undefined);
  });

  test("by the client: the held GET gets a noop", async () => {
    const { poll, post, told, sessions, session, clock } = await openPolling();
    const held = poll();
    assert.deepEqual(answerOf(post("1")), [200, "ok"]);
    assert.deepEqual(answerOf(held), [200, "6"]);
    assert.deepEqual(told, [["close", "transport close", true, "closed by the client"]]);
    assert.equal(sessions.get(session.id), undefined);
    assert.equal(clock.pending, 0);
  });

  test("by the server: the held GET gets what was sent before, the next one the end", async () => {
    const { poll, session, told, sessions, clock } = await openPolling();
    const held = poll();
    session.send("bye");
    session.close();
    assert.deepEqual(answerOf(held), [200, "4bye"]);
    assert.deepEqual(told, [["close", "forced close", true, "closed by the server"]]);
    assert.deepEqual(answerOf(poll()), [200, "1"]);
    assert.equal(sessions.get(session.id), undefined);
    assert.equal(clock.pending, 0);
  });

  test("by the server: a held GET that nothing waits for gets the end", async () => {
    const { poll, session, sessions } = await openPolling();
    const held = poll();
    session.close();
    assert.deepEqual(answerOf(held), [200, "1"]);
    assert.equal(sessions.get(session.id), undefined);
  });

  test("by the server: each GET gets so many packets, the last one the end", async () => {
    const { poll, session, clock } = await openPolling();
    for (let number = 0; number < 20; number += 1) session.send("m");
    session.close();
    assert.deepEqual(answerOf(poll()), [200, Array.from({ length: 16 }, () => "4m").join("\x1E")]);
    clock.advance(499);
    assert.deepEqual(answerOf(poll()), [200, "4m\x1E4m\x1E4m\x1E4m"]);
    assert.deepEqual(answerOf(poll()), [200, "1"]);
    assert.equal(clock.pending, 0);
  });

  test("by the server: without the last GET its time is over as well", async () => {
    const { poll, session, sessions, clock } = await openPolling();
    const held = poll();
    session.send("bye");
    session.close();
    assert.deepEqual(answerOf(held), [200, "4bye"]);
    clock.advance(500);
    assert.equal(sessions.get(session.id), undefined);
  });

  test("by the server: the next GET gets it, and a POST until then is answered", async () => {
    const { poll, post, session, sessions, received, clock } = await openPolling();
    session.send("bye");
    session.close();
    clock.advance(499);
    assert.equal(post("4late").text, "ok");
    assert.deepEqual(received, []);
    assert.deepEqual(answerOf(poll()), [200, "4bye"]);
    assert.deepEqual(answerOf(poll()), [200, "1"]);
    assert.equal(sessions.get(session.id), undefined);
    assert.equal(clock.pending, 0);
  });

  test("by the server: without a GET its time is over some time", async () => {
    const { poll, post, session, sessions, clock } = await openPolling();
    session.close();
    clock.advance(500);
    assert.equal(sessions.get(session.id), undefined);
    assert.equal(clock.pending, 0);
    assert.equal(poll().status, 400);
    assert.equal(post("4a").status, 400);
  });

  test("methods that are neither GET nor POST change nothing", async () => {
    const { session } = await openPolling();
    for (const method of ["PUT", "DELETE", "get", "HEAD"]) {
      const exchange = new FakeExchange(method, { sid: "s" }, "4a");
      session.receiveExchange(exchange, "polling");
      assert.equal(exchange.status, 400, method);
    }
    assert.ok(session.isOpen);
  });
});
