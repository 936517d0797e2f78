import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answerHeartbeat, type TextHeartbeat } from "../../src/websocket/text-heartbeat.ts";
import { prose } from "../support/payloads.ts";
import { Inbox, openRaw, openWs, serve } from "../support/web-sockets.ts";

const HEARTBEATS: TextHeartbeat[] = [
  { request: "ping", response: "pong" },
  { request: "{}", response: "empty" },
  { json: { type: "heartbeat" } },
  { json: { op: 1, d: null, ok: true } },
];

function answer(text: string, heartbeats = HEARTBEATS): string | undefined {
  const bytes = Buffer.from(`<<${text}>>`);
  return answerHeartbeat(heartbeats, bytes, 2, bytes.length - 2);
}

describe("a heartbeat", () => {
  test("is answered with its text", () => {
    assert.equal(answer("ping"), "pong");
    assert.equal(answer("{}"), "empty");
  });

  test("that is JSON is returned unchanged, whatever else is in it", () => {
    for (const text of [
      '{"type":"heartbeat"}',
      '{ "t" : 1.50, "type" :\t"heartbeat" }',
      '{"type":"heartbeat","nested":{"ü":[1,2]}}',
      '{"ok":true,"d":null,"op":1}',
    ]) {
      assert.equal(answer(text), text);
    }
  });

  test("is not what only looks like one", () => {
    for (const text of [
      "",
      "Ping",
      "ping ",
      " ping",
      '"ping"',
      '{"type":"Heartbeat"}',
      '{"type":["heartbeat"]}',
      '{"a":{"type":"heartbeat"}}',
      '[{"type":"heartbeat"}]',
      '{"type":"heartbeat"',
      '{"op":"1","d":null,"ok":true}',
      '{"op":1,"ok":true}',
      '{"__proto__":{"type":"heartbeat"}}',
      `{"type":"heartbeat","pad":"${"x".repeat(512)}"}`,
    ]) {
      assert.equal(answer(text), undefined, text);
    }
    assert.equal(answer("ping", []), undefined);
  });

  test("can't be an inherited member", () => {
    assert.equal(answer("{}", [{ json: { constructor: "x" } }]), undefined);
  });
});

describe("over the wire", () => {
  test("the application does not see heartbeats, and everything else", async (t) => {
    for (const perMessageDeflate of [false, { threshold: 0 }]) {
      const { wss, url } = await serve(t, { textHeartbeats: HEARTBEATS, perMessageDeflate });
      const seen: Promise<(string | Buffer)[]> = new Promise((resolve) => {
        wss.on("connection", (socket) => resolve(new Inbox(socket).until(3)));
      });
      const page = await openWs(t, url);
      const answers = new Inbox(page);
      for (const text of ["hello", "ping", '{"type":"heartbeat","n":1}']) page.send(text);
      page.send(Buffer.from("ping"));
      page.send(prose(1000));
      assert.deepEqual(await seen, ["hello", Buffer.from("ping"), prose(1000)]);
      assert.deepEqual(await answers.until(2), ["pong", '{"type":"heartbeat","n":1}']);
    }
  });

  test("an answer does not get between the fragments of what the application sends", async (t) => {
    const served = await serve(t, { textHeartbeats: HEARTBEATS });
    const { raw, socket } = await openRaw(t, served);
    socket.send("one ", { fin: false });
    const seen = new Inbox(socket);
    await raw.sendText("ping");
    await raw.sendText("seen");
    await seen.until(1);
    socket.send("message");
    const frames = [await raw.nextFrame(), await raw.nextFrame(), await raw.nextFrame()];
    assert.deepEqual(
      frames.map(({ fin, opcode, payload }) => [fin, opcode, String(payload)]),
      [
        [false, 1, "one "],
        [true, 0, "message"],
        [true, 1, "pong"],
      ],
    );
  });
});
