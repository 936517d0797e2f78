import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PreparedMessage } from "../../../src/engine/index.ts";
import type { RequestTransportOptions } from "../../../src/engine/transports/request-based.ts";
import { SseTransport } from "../../../src/engine/transports/sse.ts";
import { FakeExchange } from "../../support/fake-exchange.ts";
import { requestOptions, sessionsFor } from "../../support/sessions.ts";

/** A link over an event stream, and what its opening brought. */
async function openStream(options: Partial<RequestTransportOptions> = {}) {
  const { sessions, clock, opened, open } = sessionsFor();
  const transport = new SseTransport(requestOptions(clock, { link: true, ...options }));
  const session = open(transport, { id: "abc", link: true });
  const stream = FakeExchange.get({});
  transport.receiveExchange(stream);
  await Promise.resolve();
  const head = stream.take();
  const request = (exchange: FakeExchange): FakeExchange => {
    session.receiveExchange(exchange, "sse");
    return exchange;
  };
  return { sessions, clock, transport, stream, head, request, ...opened[0]!, session };
}

test("a stream begins with a comment and the open packet", async () => {
  const { head, stream } = await openStream();
  assert.ok(stream.isStream);
  assert.equal(
    head,
    ':\n\ndata:0{"sid":"abc","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000,"link":1}\n\n',
  );
});

test("messages are events with their number; all of a turn leave in one write", async () => {
  const { session, stream, clock } = await openStream();
  session.send("one", [Uint8Array.of(1)]);
  session.sendPrepared(new PreparedMessage("two", [Uint8Array.of(2)]));
  assert.equal(stream.take(), "");
  await Promise.resolve();
  assert.equal(
    stream.take(),
    "data:4one\nid:1\n\ndata:bAQ==\nid:2\n\ndata:4two\nid:3\n\ndata:bAg==\nid:4\n\n",
  );
  clock.advance(300);
  await Promise.resolve();
  assert.equal(stream.take(), "data:20\n\n");
});

test("a packet with a line break is a JSON string", async () => {
  const { session, stream } = await openStream();
  for (const text of ["a\nb", "a\r", 'x"\r\n\ndata:1', '"', "\\"]) session.send(text);
  await Promise.resolve();
  const data = stream
    .take()
    .split("\n")
    .filter((line) => line.startsWith("data:"));
  assert.deepEqual(data, [
    String.raw`data:"4a\nb"`,
    String.raw`data:"4a\r"`,
    String.raw`data:"4x\"\r\n\ndata:1"`,
    'data:4"',
    "data:4\\",
  ]);
});

test("a new stream ends the old one and begins after what the client has", async () => {
  const { session, stream, request } = await openStream();
  for (const text of ["one", "two", "three"]) session.send(text);
  await Promise.resolve();
  stream.take();
  const next = request(FakeExchange.get({ sid: "abc", move: 0, ack: 1 }));
  assert.equal(stream.take(), "data:6\n\n");
  assert.ok(stream.isEnded && !stream.isDestroyed);
  await Promise.resolve();
  assert.equal(next.take(), ":\n\ndata:4two\nid:2\n\ndata:4three\nid:3\n\n");
  session.send("four");
  await Promise.resolve();
  assert.equal(next.take(), "data:4four\nid:4\n\n");
});

test("an old stream that is not read is not kept", async () => {
  const { stream, request } = await openStream();
  stream.bufferedBytes = 10;
  request(FakeExchange.get({ sid: "abc", move: 0, ack: 0 }));
  assert.ok(stream.isDestroyed);
  assert.equal(stream.take(), "");
});

test("what is sent while there is no stream comes with the next one", async () => {
  const { session, stream, request, transport } = await openStream();
  session.send("before");
  stream.abort();
  session.send("between");
  assert.ok(session.bufferedBytes > 0);
  const next = request(FakeExchange.get({ sid: "abc", move: 0, ack: 0 }));
  await Promise.resolve();
  assert.equal(next.take(), ":\n\ndata:4before\nid:1\n\ndata:4between\nid:2\n\n");
  assert.equal(transport.bufferedBytes, 0);
});

test("to a reader that takes nothing no pings are added, until its time is over", async () => {
  const { stream, clock, transport, told } = await openStream({ maxBufferedBytes: 1000 });
  stream.bufferedBytes = 1001;
  assert.equal(transport.bufferedBytes, 1001);
  clock.advance(300);
  await Promise.resolve();
  assert.equal(stream.take(), "");
  clock.advance(200);
  assert.equal(told[0]?.[1], "ping timeout");
  assert.equal(clock.pending, 0);
});

describe("the end", () => {
  test("by the server, with what was sent before", async () => {
    const { session, stream, sessions } = await openStream();
    session.send("bye");
    session.close();
    assert.equal(stream.take(), "data:4bye\nid:1\n\ndata:1\n\n");
    assert.ok(stream.isEnded);
    assert.equal(sessions.get("abc"), undefined);
  });

  test("by the server, with the stream that comes next", async () => {
    const { session, stream, sessions, request, clock } = await openStream();
    session.send("bye");
    await Promise.resolve();
    stream.abort();
    session.close();
    const next = request(FakeExchange.get({ sid: "abc", move: 0, ack: 0 }));
    assert.equal(next.take(), ":\n\ndata:4bye\nid:1\n\ndata:1\n\n");
    assert.ok(next.isEnded);
    assert.equal(sessions.get("abc"), undefined);
    assert.equal(clock.pending, 0);
  });

  test("by the client", async () => {
    const { stream, request, told } = await openStream();
    assert.equal(request(FakeExchange.post("1", { sid: "abc", move: 0 })).text, "ok");
    assert.equal(stream.take(), "data:6\n\n");
    assert.ok(stream.isEnded);
    assert.equal(told[0]?.[1], "transport close");
  });

  test("by an acknowledgement of what was never sent: the request is refused", async () => {
    for (const ack of ["1", "x", "-1", ""]) {
      const { stream, request, told } = await openStream();
      const wrong = request(FakeExchange.get({ sid: "abc", move: 0, ack }));
      assert.equal(wrong.status, 400);
      assert.ok(!wrong.isStream);
      assert.equal(told[0]?.[1], "parse error");
      assert.equal(stream.take(), "data:1\n\n");
    }
  });
});
