import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { gunzipSync, inflateSync } from "node:zlib";
import type { BodyFailure, Exchange, StreamedAnswer } from "../../src/engine/exchange.ts";
import { bestEncoding, HttpCompression } from "../../src/engine/http-compression.ts";
import { type AnswerHeaders, HttpExchange } from "../../src/engine/http-exchange.ts";
import { withQuery } from "../../src/engine/request-check.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { connectRaw } from "../support/engine-client.ts";
import { type Answer, send } from "../support/engine-server.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";

const MAX_BODY_BYTES = 100;
const BODY_TIMEOUT_MS = 5000;

/** An HTTP server that hands each request to a test as an exchange. */
async function serve(
  t: TestContext,
  receive: (exchange: HttpExchange) => void,
  onHeaders?: (headers: AnswerHeaders) => void,
) {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const options = {
    clock,
    maxBodyBytes: MAX_BODY_BYTES,
    bodyTimeoutMs: BODY_TIMEOUT_MS,
    compression: new HttpCompression(),
    isClosing: () => false,
    onApplicationError: (error: unknown) => void errors.push(error),
  };
  const http = createServer((request, response) => {
    receive(new HttpExchange(withQuery(request), response, options, onHeaders));
  });
  undoAfter(t, () => {
    http.close();
    http.closeAllConnections();
  });
  return { clock, errors, http, port: await listen(http) };
}

/** Answers with what came of the body. */
function tellBody(exchange: HttpExchange): void {
  exchange.readBody(
    (text) => exchange.answer(text),
    (failure) => exchange.refuse(failure === "too long" ? 413 : 408, failure),
  );
}

function withResolvers<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve = (_value: Value): void => {};
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}

test("what a request says", async (t) => {
  const seen: unknown[] = [];
  const { port } = await serve(t, (exchange) => {
    seen.push([exchange.method, exchange.query("a"), exchange.query("b"), exchange.contentType]);
    exchange.answer("");
  });
  await send(port, "/?a=1&a=2", { method: "POST", headers: { "Content-Type": "Text/Plain; charset=x" } });
  await send(port, "/?toString=x");
  assert.deepEqual(seen, [
    ["POST", "2", undefined, "text/plain"],
    ["GET", undefined, undefined, ""],
  ]);
});

describe("an answer", () => {
  test("is text that is not kept", async (t) => {
    const { port } = await serve(t, (exchange) => exchange.answer("4hällo"));
    const { status, headers, text } = await send(port, "/");
    assert.equal(status, 200);
    assert.equal(text, "4hällo");
    assert.equal(headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["content-length"], "7");
  });

  test("is given once", async (t) => {
    const { port } = await serve(t, (exchange) => {
      exchange.answer("first");
      exchange.answer("second");
      exchange.refuse(400, "third");
      exchange.stream().write("fourth");
    });
    assert.equal((await send(port, "/")).text, "first");
  });

  test("has the headers that a listener has changed", async (t) => {
    const { port } = await serve(
      t,
      (exchange) => exchange.answer(""),
      (headers) => {
        headers["X-Mine"] = "yes";
        headers["Set-Cookie"] = ["a=1", "b=2"];
      },
    );
    const { headers } = await send(port, "/");
    assert.equal(headers["x-mine"], "yes");
    assert.deepEqual(headers["set-cookie"], ["a=1", "b=2"]);
  });

  test("with a header that can't be is reported, and the request cut", async (t) => {
    const { port, errors } = await serve(
      t,
      (exchange) => exchange.answer(""),
      (headers) => (headers["X-Mine"] = "a\r\nb"),
    );
    await assert.rejects(send(port, "/"));
    assert.equal(errors.length, 1);
  });

  test("that refuses is JSON, with the code of its message or else 3", async (t) => {
    const refusals: [number, string][] = [
      [400, "Session ID unknown"],
      [413, "Too long."],
    ];
    const { port } = await serve(t, (exchange) => exchange.refuse(...refusals.shift()!));
    const known = await send(port, "/");
    assert.deepEqual(
      [known.status, JSON.parse(known.text)],
      [400, { code: 1, message: "Session ID unknown" }],
    );
    assert.equal(known.headers["content-type"], "application/json");
    const other = await send(port, "/");
    assert.deepEqual([other.status, JSON.parse(other.text)], [413, { code: 3, message: "Too long." }]);
  });
});

describe("compression", () => {
  const ask = async (t: TestContext, accept: string | undefined, length: number): Promise<Answer> => {
    const { port } = await serve(t, (exchange) => exchange.answer("x".repeat(length)));
    return send(port, "/", { headers: accept === undefined ? {} : { "Accept-Encoding": accept } });
  };

  test("comes from 1,024 bytes on, if it is accepted", async (t) => {
    const gzipped = await ask(t, "gzip, deflate, br", 1024);
    assert.equal(gzipped.headers["content-encoding"], "gzip");
    assert.equal(gzipped.headers["content-length"], String(gzipped.bytes.length));
    assert.equal(gunzipSync(gzipped.bytes).toString(), "x".repeat(1024));
    const deflated = await ask(t, "deflate", 5000);
    assert.equal(deflated.headers["content-encoding"], "deflate");
    assert.equal(inflateSync(deflated.bytes).toString(), "x".repeat(5000));
    for (const [accept, length] of [
      ["gzip", 1023],
      [undefined, 5000],
      ["br", 5000],
      ["gzip;q=0", 5000],
    ] as const) {
      const plain = await ask(t, accept, length);
      assert.equal(plain.headers["content-encoding"], undefined, `${accept} ${length}`);
      assert.equal(plain.text, "x".repeat(length));
    }
  });

  test("takes what the client likes best", () => {
    for (const [accept, expected] of [
      ["gzip", "gzip"],
      ["deflate, gzip", "gzip"],
      ["gzip;q=0.5, deflate", "deflate"],
      ["GZIP ; q=1", "gzip"],
      ["*", "gzip"],
      ["*;q=0.1, gzip;q=0", "deflate"],
      ["identity", undefined],
      ["gzip;q=x", undefined],
      ["", undefined],
    ] as const) {
      assert.equal(bestEncoding(accept), expected, accept);
    }
  });

  test("with an option that zlib does not take is refused at once", () => {
    assert.throws(() => new HttpCompression({ level: 99 }), RangeError);
    assert.equal(new HttpCompression({ threshold: 1, level: 9 }).choose("gzip", 1), "gzip");
  });
});

describe("a body", () => {
  test("is read as UTF-8, however it comes", async (t) => {
    const { port, clock } = await serve(t, tellBody);
    assert.equal((await send(port, "/", { method: "POST", body: "hällo €" })).text, "hällo €");
    assert.equal((await send(port, "/", { method: "POST" })).text, "");
    const raw = await connectRaw(t, port);
    await raw.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const byte of Buffer.from("€")) {
      await raw.send(Buffer.concat([Buffer.from("1\r\n"), Buffer.of(byte), Buffer.from("\r\n")]));
    }
    await raw.send("0\r\n\r\n");
    const { status, headers } = await raw.head();
    assert.equal(status, 200);
    assert.equal(await raw.text(Number(headers["content-length"])), "€");
    assert.equal(clock.pending, 0);
  });

  test("with bytes that are no UTF-8 has marks in their place", async (t) => {
    const { port } = await serve(t, tellBody);
    const { text } = await send(port, "/", { method: "POST", body: Buffer.of(0x61, 0xff, 0x62) });
    assert.equal(text, "a\uFFFDb");
  });

  test("may be as long as the limit, and a byte more is too long", async (t) => {
    const { port } = await serve(t, tellBody);
    const longest = "x".repeat(MAX_BODY_BYTES);
    assert.equal((await send(port, "/", { method: "POST", body: longest })).text, longest);
    assert.equal((await send(port, "/", { method: "POST", body: `${longest}x` })).status, 413);
    const chunked = { "Transfer-Encoding": "chunked" };
    assert.equal((await send(port, "/", { method: "POST", body: longest, headers: chunked })).text, longest);
    const long = "x".repeat(1_000_000);
    assert.equal((await send(port, "/", { method: "POST", body: long, headers: chunked })).status, 413);
  });

  test("that is one binary message may be longer by what base64 adds, and nothing else may", async (t) => {
    const { port } = await serve(t, tellBody);
    const post = async (body: string): Promise<number> =>
      (await send(port, "/", { method: "POST", body })).status;
    const binary = (length: number): string => `b${Buffer.alloc(length, 1).toString("base64")}`;
    for (const length of [MAX_BODY_BYTES - 1, MAX_BODY_BYTES]) assert.equal(await post(binary(length)), 200);
    for (const length of [MAX_BODY_BYTES + 1, MAX_BODY_BYTES + 2, MAX_BODY_BYTES + 3]) {
      assert.equal(await post(binary(length)), 413);
    }
    const longest = binary(MAX_BODY_BYTES);
    assert.equal(await post(`4${longest.slice(1)}`), 413);
    assert.equal(await post(`b\u001E4${longest.slice(3)}`), 413);
  });

  test("that is too long leaves nothing on its connection", async (t) => {
    const { port, http } = await serve(t, tellBody);
    const listeners: number[] = [];
    http.on("request", ({ socket }) => void listeners.push(socket.listenerCount("close")));
    const raw = await connectRaw(t, port);
    const body = "x".repeat(MAX_BODY_BYTES * 2);
    for (let count = 0; count < 3; count++) {
      await raw.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      const { status, headers } = await raw.head();
      assert.equal(status, 413);
      await raw.text(Number(headers["content-length"]));
    }
    assert.equal(listeners[2], listeners[0]);
  });

  test("that says it is too long is refused before it has come, and what comes is not waited for for ever", async (t) => {
    const { port, clock } = await serve(t, tellBody);
    const raw = await connectRaw(t, port);
    await raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx");
    assert.equal((await raw.head()).status, 413);
    clock.advance(BODY_TIMEOUT_MS);
    await raw.closed();
  });

  test("that does not come is too slow, and the connection ends", async (t) => {
    let isReading = (): void => {};
    const reading = new Promise<void>((resolve) => (isReading = resolve));
    const { port, clock } = await serve(t, (exchange) => {
      tellBody(exchange);
      isReading();
    });
    const raw = await connectRaw(t, port);
    await raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    await reading;
    clock.advance(BODY_TIMEOUT_MS - 1);
    clock.advance(1);
    const { status, headers } = await raw.head();
    assert.equal(status, 408);
    assert.equal(headers["connection"], "close");
    await raw.text(Number(headers["content-length"]));
    await raw.ended();
  });

  test("that is cut is aborted", async (t) => {
    let tell = (_failure: BodyFailure): void => {};
    const told = new Promise<BodyFailure>((resolve) => (tell = resolve));
    let aborts = 0;
    let isReading = (): void => {};
    const reading = new Promise<void>((resolve) => (isReading = resolve));
    const { port, clock } = await serve(t, (exchange) => {
      exchange.onAbort = () => (aborts += 1);
      exchange.readBody(() => assert.fail("it did not come"), tell);
      isReading();
    });
    const raw = await connectRaw(t, port);
    await raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    await reading;
    raw.destroy();
    assert.equal(await told, "aborted");
    await new Promise(setImmediate);
    assert.equal(aborts, 1);
    assert.equal(clock.pending, 0);
  });
});

describe("a peer that goes away", () => {
  test("before the answer is told once, and the answer is dropped", async (t) => {
    let received: HttpExchange | undefined;
    const aborted = withResolvers<void>();
    const { port } = await serve(t, (exchange) => {
      received = exchange;
      exchange.onAbort = aborted.resolve;
      leave();
    });
    let leave = (): void => {};
    const sent = send(port, "/", { onSent: (abort) => (leave = abort) });
    await assert.rejects(sent);
    await aborted.promise;
    received!.answer("too late");
    received!.stream().write("too late");
  });

  test("after the answer is not told", async (t) => {
    let aborts = 0;
    const { port } = await serve(t, (exchange) => {
      exchange.onAbort = () => (aborts += 1);
      exchange.answer("done");
    });
    assert.equal((await send(port, "/")).text, "done");
    await send(port, "/");
    assert.equal(aborts, 0);
  });
});

describe("an event stream", () => {
  test("is written bit by bit, uncompressed, and not to be kept back", async (t) => {
    let stream: StreamedAnswer | undefined;
    const { port } = await serve(t, (exchange) => {
      stream = exchange.stream();
      stream.write(":\n\n");
    });
    const raw = await connectRaw(t, port);
    await raw.send("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
    const { status, headers } = await raw.head();
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/event-stream");
    assert.equal(headers["cache-control"], "no-store, no-transform");
    assert.equal(headers["x-accel-buffering"], "no");
    assert.equal(headers["content-encoding"], undefined);
    assert.equal(await raw.text("3\r\n:\n\n\r\n".length), "3\r\n:\n\n\r\n");
    stream!.write("data:4x\n\n");
    assert.equal(await raw.text("9\r\ndata:4x\n\n\r\n".length), "9\r\ndata:4x\n\n\r\n");
    assert.equal(stream!.bufferedBytes, 0);
    stream!.end();
    stream!.write("after the end");
    stream!.end();
    assert.equal(await raw.text("0\r\n\r\n".length), "0\r\n\r\n");
  });

  test("that is not read has what waits counted, and can be destroyed", async (t) => {
    const opened = withResolvers<{ exchange: Exchange; stream: StreamedAnswer }>();
    const ends: string[] = [];
    const { port } = await serve(t, (exchange) => {
      exchange.onAbort = () => void ends.push("abort");
      exchange.onOver = () => void ends.push("over");
      opened.resolve({ exchange, stream: exchange.stream() });
    });
    const raw = await connectRaw(t, port);
    await raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const { exchange, stream } = await opened.promise;
    const megabyte = "x".repeat(1024 * 1024);
    for (let index = 0; index < 20; index++) stream.write(megabyte);
    assert.ok(stream.bufferedBytes > 10 * megabyte.length);
    assert.ok(!exchange.isOver);
    exchange.destroy();
    await raw.closed();
    assert.ok(exchange.isOver);
    assert.deepEqual(ends, ["abort", "over"]);
  });
});
