/** Errors instead of acknowledgements: docs/protocol/event-errors.md, with a client that is nothing but packets. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EventError } from "../../src/shared/event-error.ts";
import { EngineClient, SESSION_PATH } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { ERRORS_PATH, startJoined } from "../support/joined.ts";
import { nextOf } from "../support/stock-client.ts";

const FAILED = '{"code":"handler_failed","message":"The handler of this event failed."}';
const taken = (): EventError => new EventError("name_taken", '"Ada" is taken.', { suggestion: "Ada2" });
const TAKEN = '{"code":"name_taken","message":"\\"Ada\\" is taken.","data":{"suggestion":"Ada2"}}';

describe("a client that asked for errors", () => {
  test("is told of an EventError as it is, thrown or rejected, and nothing is reported", async (t) => {
    const { socket, client } = await startJoined(t, {}, ERRORS_PATH);
    socket.on("throw", () => {
      throw taken();
    });
    socket.on("reject", () => Promise.reject(taken()));
    await client.send('4212["throw"]');
    assert.equal(await client.next(), `4412${TAKEN}`);
    await client.send('4213["reject",1]');
    assert.equal(await client.next(), `4413${TAKEN}`);
  });

  test("is told of any other error only that the handler failed, and it is reported", async (t) => {
    const { io, socket, client } = await startJoined(t, {}, ERRORS_PATH);
    const reports: unknown[] = [];
    io.on("handler_error", (error, { event }) => void reports.push([(error as Error).message, event]));
    socket.on("throw", () => {
      throw new Error("secret");
    });
    socket.on("reject", () => Promise.reject(new Error("secret")));
    await client.send('420["throw"]');
    assert.equal(await client.next(), `440${FAILED}`);
    await client.send('421["reject"]');
    assert.equal(await client.next(), `441${FAILED}`);
    assert.deepEqual(reports, [
      ["secret", "throw"],
      ["secret", "reject"],
    ]);
  });

  test("is told that the handler failed if what it acknowledges with can't be sent", async (t) => {
    const { io, socket, client } = await startJoined(t, {}, ERRORS_PATH);
    const reports: unknown[] = [];
    io.on("handler_error", (error, { event }) => void reports.push([(error as Error).name, event]));
    socket.on("count", (ack: (count: unknown) => void) => ack(1n));
    await client.send('420["count"]');
    assert.equal(await client.next(), `440${FAILED}`);
    assert.deepEqual(reports, [["TypeError", "count"]]);
  });

  test("is told in the namespace of the event, and once", async (t) => {
    const { io, port } = await startServer(t);
    io.of("/admin").on("connection", (socket) => {
      for (let count = 0; count < 2; count++) {
        socket.on("fail", () => {
          throw taken();
        });
      }
      socket.on("fail", (ack: () => void) => ack());
      socket.on("acknowledged", (ack: (x: number) => void) => {
        ack(1);
        throw taken();
      });
    });
    const client = await EngineClient.open(t, port, ERRORS_PATH);
    await client.joinNamespace("/admin");
    await client.send('42/admin,7["fail"]');
    assert.equal(await client.next(), `44/admin,7${TAKEN}`);
    await client.send('42/admin,8["acknowledged"]');
    assert.equal(await client.next(), "43/admin,8[1]");
  });

  test("is told nothing of events that want no acknowledgement; an EventError is still reported nowhere", async (t) => {
    const { io, socket, client } = await startJoined(t, {}, ERRORS_PATH);
    const reports: unknown[] = [];
    io.on("handler_error", (error) => void reports.push((error as Error).message));
    socket.on("fail", () => {
      throw taken();
    });
    socket.on("fail", () => {
      throw new Error("reported");
    });
    await client.send('42["fail"]');
    await client.send('421["fail"]');
    assert.equal(await client.next(), `441${TAKEN}`);
    assert.deepEqual(reports, ["reported", "reported"]);
  });

  test("is told without the data that JSON can't hold, which is reported", async (t) => {
    const { io, socket, client } = await startJoined(t, {}, ERRORS_PATH);
    const reported = nextOf(io, "handler_error");
    socket.on("fail", () => {
      throw new EventError("odd", "Odd.", 1n);
    });
    await client.send('421["fail"]');
    assert.equal(await client.next(), '441{"code":"odd","message":"Odd."}');
    assert.equal((await reported)[0] instanceof TypeError, true);
  });

  test("may leave before it can be told", async (t) => {
    const { socket, client } = await startJoined(t, {}, ERRORS_PATH);
    let fail: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      socket.on("fail", () => {
        resolve();
        return new Promise((_resolve, reject) => {
          fail = () => reject(taken());
        });
      });
    });
    await client.send('421["fail"]');
    await asked;
    await client.send("41");
    await client.joinNamespace();
    fail!();
    await new Promise(setImmediate);
    await client.send("41");
    await client.joinNamespace();
  });

  test("may tell the server of its own failures", async (t) => {
    const { socket, client } = await startJoined(t, {}, ERRORS_PATH);
    const asking = socket.emitWithAck("question");
    const callback = new Promise<unknown[]>((resolve) => {
      socket.timeout(60_000).emit("question", (...args: unknown[]) => resolve(args));
    });
    socket.emit("question", () => assert.fail("it takes no error"));
    for (let id = 0; id < 3; id++) assert.equal(await client.next(), `42${id}["question"]`);
    for (let id = 0; id < 4; id++) await client.send(`44${id}{"code":"busy","message":"Later.","data":[1]}`);
    await assert.rejects(asking, { name: "EventError", code: "busy", message: "Later.", data: [1] });
    const [error] = await callback;
    assert.ok(error instanceof EventError);
    await client.send("41");
    await client.joinNamespace();
  });

  for (const packet of ["441{}", '441{"code":1,"message":"x"}', '44{"code":"a","message":"b"}', '441"x"']) {
    test(`may not send ${packet}`, async (t) => {
      const { client } = await startJoined(t, {}, ERRORS_PATH);
      await client.send(packet);
      assert.equal(await client.nextClose(), 1002);
    });
  }
});

describe("a client that did not ask", () => {
  for (const path of [SESSION_PATH, `${SESSION_PATH}&errors=11`, `${SESSION_PATH}&xerrors=1`]) {
    test(`is told nothing (${path})`, async (t) => {
      const { io, socket, client } = await startJoined(t, {}, path);
      let reports = 0;
      io.on("handler_error", () => void (reports += 1));
      socket.on("refuse", () => {
        throw taken();
      });
      socket.on("fail", () => {
        throw new Error("secret");
      });
      socket.on("next", (ack: () => void) => ack());
      await client.send('421["refuse"]');
      await client.send('422["fail"]');
      await client.send('423["next"]');
      assert.equal(await client.next(), "433[]");
      assert.equal(reports, 1);
    });
  }

  test("may send no errors", async (t) => {
    const { socket, client } = await startJoined(t);
    const asking = socket.emitWithAck("question");
    await client.next();
    await client.send('440{"code":"a","message":"b"}');
    await assert.rejects(asking, { code: "disconnected" });
  });
});
