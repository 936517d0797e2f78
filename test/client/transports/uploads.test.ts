import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Endpoint } from "../../../src/client/endpoint.ts";
import { Hold } from "../../../src/client/hold.ts";
import { readOpenPacket } from "../../../src/client/session.ts";
import { SessionFacts } from "../../../src/client/session-facts.ts";
import { Uploads } from "../../../src/client/transports/uploads.ts";
import { settle } from "../../support/fake-client.ts";
import { FakePlatform, openPacket } from "../../support/fake-platform.ts";

/** Uploads of an open session; what becomes of them is kept. */
function uploads(open: object = {}, options = {}) {
  const platform = new FakePlatform();
  const told: unknown[] = [];
  const facts = new SessionFacts(true, new Hold());
  facts.open(readOpenPacket(openPacket(open)));
  const queue = new Uploads(new Endpoint("https://chat.example", options, platform), facts, {
    query: () => facts.query("polling", 0),
    onUploaded: (count) => told.push(count),
    onUploadFailed: (error) => told.push(error.message),
  });
  return { platform, queue, told };
}

describe("uploads", () => {
  test("take what was sent in a turn, and what waited for the one before, one request at a time", async () => {
    const { platform, queue } = uploads();
    queue.send("4a");
    queue.send(Uint8Array.of(1, 2));
    await settle();
    queue.send("4c");
    queue.send("4d");
    await settle();
    const first = platform.request("POST");
    assert.equal(first.url.href, "https://chat.example/socket.io/?EIO=4&transport=polling&sid=s");
    assert.equal(first.body, "4a\u001EbAQI=");
    assert.equal(
      new Request("http://x", { ...first.init }).headers.get("Content-Type"),
      "text/plain;charset=UTF-8",
    );
    first.answer("ok");
    await settle();
    assert.equal(platform.request("POST").body, "4c\u001E4d");
    assert.ok(queue.bufferedBytes > 0);
    platform.request("POST").answer("OK, said another server");
    await settle();
    assert.deepEqual([platform.requests.length, queue.bufferedBytes], [2, 0]);
  });

  test("are no larger than the server allows, counted in bytes, unless one packet is", async () => {
    const { platform, queue } = uploads({ maxPayload: 10 });
    for (const packet of ["4234", "4é34", "4ab", "4234567890123", "4x"]) queue.send(packet);
    const bodies: (string | undefined)[] = [];
    for (let request = 0; request < 4; request++) {
      await settle();
      bodies.push(platform.request("POST").body);
      platform.request("POST").answer("ok");
    }
    assert.deepEqual(bodies, ["4234\u001E4é34", "4ab", "4234567890123", "4x"]);
  });

  for (const [name, open, expected] of [
    ["have at most 16 packets: some servers refuse more", {}, 16],
    ["have any number of packets in a link", { link: 1 }, 20],
  ] as const) {
    test(name, async () => {
      const { platform, queue } = uploads(open);
      for (let number = 0; number < 20; number += 1) queue.send(`4${number}`);
      await settle();
      assert.equal(platform.request("POST").body?.split("\u001E").length, expected);
    });
  }

  test("are counted in a link by messages, not by packets", async () => {
    const { platform, queue, told } = uploads({ link: 1, maxPayload: 8 });
    for (const packet of ["4a", "30", Uint8Array.of(1), "4b"]) queue.send(packet);
    const requests: unknown[] = [];
    for (let request = 0; request < 2; request++) {
      await settle();
      const { query, body } = platform.request("POST");
      requests.push([query.seq, body]);
      platform.request("POST").answer("ok");
    }
    await settle();
    assert.deepEqual(requests, [
      ["1", "4a\u001E30"],
      ["2", "bAQ==\u001E4b"],
    ]);
    assert.deepEqual(told, [1, 3]);
  });

  test("stop at the first failure, which is told once", async () => {
    for (const status of [400, 413, 502]) {
      const { platform, queue, told } = uploads();
      queue.send("4a");
      await settle();
      queue.send("4b");
      platform.request("POST").answer("no", status);
      await settle();
      assert.deepEqual([platform.requests.length, told], [1, [`The server answered ${status}: no`]]);
    }
  });

  test("say what is too long where a message is that the server would take as it is", async () => {
    const { platform, queue, told } = uploads({ maxPayload: 10 });
    queue.send(new Uint8Array(9));
    await settle();
    platform.request("POST").answer("no", 413);
    await settle();
    assert.deepEqual(told, ["A request of 13 bytes: the server takes 10. Binary grows by a third."]);
  });

  test("that are destroyed say nothing", async () => {
    const { platform, queue, told } = uploads();
    queue.send("4a");
    await settle();
    queue.destroy();
    await settle();
    assert.deepEqual([platform.pending().length, told], [0, []]);
  });

  test("carry the headers and cookies that the user wants", async () => {
    const { platform, queue } = uploads({}, { withCredentials: true, extraHeaders: { "X-Token": "1" } });
    queue.send("4a");
    await settle();
    const { init } = platform.request("POST");
    assert.equal(init.credentials, "include");
    assert.equal(init.headers["X-Token"], "1");
    assert.equal(init.keepalive, false);
    queue.end();
    platform.request("POST").answer("ok");
    await settle();
    queue.send("1");
    await settle();
    assert.equal(platform.request("POST").init.keepalive, true);
  });
});
