import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  acceptValue,
  chooseUpgrade,
  pathOf,
  refuseUpgrade,
  upgradeResponse,
} from "../../src/websocket/upgrade.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { RecordingStream } from "../support/recording-stream.ts";
import { SAMPLE_ACCEPT, SAMPLE_KEY } from "../support/raw-client.ts";

test("the accept value of the example in RFC 6455 §1.3", () => {
  assert.equal(acceptValue(SAMPLE_KEY), SAMPLE_ACCEPT);
});

test("the subprotocol that was chosen stands in the answer; who offered none is not asked", () => {
  const offers: (readonly string[])[] = [];
  const choose = (offered: readonly string[]): string => {
    offers.push(offered);
    return "b";
  };
  const choice = chooseUpgrade({ protocols: ["a", "b"], extensions: [] }, choose, undefined);
  assert.equal(choice.protocol, "b");
  assert.ok(upgradeResponse(SAMPLE_KEY, choice).includes("Sec-WebSocket-Protocol: b"));
  assert.equal(chooseUpgrade({ protocols: [], extensions: [] }, choose, undefined).protocol, "");
  assert.deepEqual(offers, [["a", "b"]]);
});

describe("a refusal", () => {
  const refusal = { status: 426, message: "Not so.", headers: { "Sec-WebSocket-Version": "13" } };

  test("is a complete HTTP answer, in one write, and the stream ends", () => {
    const stream = new RecordingStream();
    refuseUpgrade(stream, new FakeClock(), refusal);
    assert.equal(stream.writes.length, 1);
    const [head, body] = stream.written.toString().split("\r\n\r\n");
    assert.deepEqual(head!.split("\r\n"), [
      "HTTP/1.1 426 Upgrade Required",
      "Connection: close",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Length: 8",
      "Sec-WebSocket-Version: 13",
    ]);
    assert.equal(body, "Not so.\n");
    assert.ok(stream.writableEnded);
    stream.destroy();
  });

  test("a peer that does not leave is dropped after a while", () => {
    const clock = new FakeClock();
    const stream = new RecordingStream();
    refuseUpgrade(stream, clock, refusal);
    assert.equal(stream.destroyed, false);
    clock.advance(10_000);
    assert.ok(stream.destroyed);
  });

  test("a peer that leaves takes the timer with it", async () => {
    const clock = new FakeClock();
    const stream = new RecordingStream();
    refuseUpgrade(stream, clock, refusal);
    const closed = new Promise((resolve) => void stream.once("close", resolve));
    stream.push(null);
    await closed;
    assert.equal(clock.pending, 0);
  });

  test("a stream that fails meanwhile disturbs nobody", async () => {
    const stream = new RecordingStream();
    refuseUpgrade(stream, new FakeClock(), refusal);
    const closed = new Promise((resolve) => void stream.once("close", resolve));
    stream.destroy(new Error("reset"));
    await closed;
  });
});

test("the path of a request is what stands before the query", () => {
  for (const [url, path] of [
    ["/", "/"],
    ["/chat", "/chat"],
    ["/chat?a=1?b", "/chat"],
    ["/?x", "/"],
  ] as const) {
    assert.equal(pathOf({ url }), path);
  }
});
