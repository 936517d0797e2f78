import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, createServer, type IncomingHttpHeaders } from "node:http2";
import { describe, test, type TestContext } from "node:test";
import type { BodyFailure } from "../../src/engine/exchange.ts";
import { HttpExchange } from "../../src/engine/http-exchange.ts";
import { withQuery } from "../../src/engine/request-check.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";

const BODY_TIMEOUT_MS = 5000;

/** An HTTP/2 server that refuses what can't be read, and a client whose body of 100 bytes and more never ends. */
async function sendHalf(t: TestContext, body: string) {
  const clock = new FakeClock();
  const options = {
    clock,
    maxBodyBytes: 100,
    bodyTimeoutMs: BODY_TIMEOUT_MS,
    compression: undefined,
    isClosing: () => false,
    onApplicationError: assert.fail,
  };
  let isReading = (): void => {};
  const reading = new Promise<void>((resolve) => (isReading = resolve));
  const http = createServer((request, response) => {
    // What Node gives for HTTP/2 has all that is used here of a request and a response.
    const incoming = withQuery(request as unknown as IncomingMessage);
    const exchange = new HttpExchange(incoming, response as unknown as ServerResponse, options);
    exchange.readBody(
      () => assert.fail("it did not come"),
      (failure: BodyFailure) => exchange.refuse(failure === "too long" ? 413 : 408, failure),
    );
    isReading();
  });
  const session = connect(`http://127.0.0.1:${await listen(http)}`);
  undoAfter(t, async () => {
    session.destroy();
    await new Promise((resolve) => http.close(resolve));
  });
  const stream = session.request({ ":path": "/", ":method": "POST" });
  stream.resume();
  const answered = once(stream, "response") as Promise<[IncomingHttpHeaders]>;
  const closed = once(stream, "close");
  stream.write(body);
  await reading;
  return { clock, session, stream, answered, closed };
}

describe("a body over HTTP/2", () => {
  test("that does not come is too slow, and ends its stream but not the connection", async (t) => {
    const { clock, session, stream, answered, closed } = await sendHalf(t, "half");
    clock.advance(BODY_TIMEOUT_MS);
    const [headers] = await answered;
    assert.equal(headers[":status"], 408);
    await closed;
    assert.equal(stream.rstCode, 0);
    assert.equal(session.destroyed, false);
  });

  test("that is too long is answered, and not waited for beyond the time-out", async (t) => {
    const { clock, session, stream, answered, closed } = await sendHalf(t, "x".repeat(200));
    const [headers] = await answered;
    assert.equal(headers[":status"], 413);
    clock.advance(BODY_TIMEOUT_MS);
    await closed;
    assert.equal(stream.rstCode, 0);
    assert.equal(session.destroyed, false);
  });
});
