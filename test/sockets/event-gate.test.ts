import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { Server as StockServer } from "socket.io";
import * as zod from "zod";
import { EventError } from "../../src/shared/event-error.ts";
import type { Server } from "../../src/sockets/server.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { ERRORS_PATH, startJoined } from "../support/joined.ts";
import { listen } from "../support/listen.ts";
import { nextOf, stockClient } from "../support/stock-client.ts";

const FAILED = '{"code":"handler_failed","message":"The handler of this event failed."}';

describe("middleware of a socket", () => {
  test("sees each event before its listeners, in order, and may change it", async (t) => {
    const { socket, client } = await startJoined(t);
    const heard: unknown[] = [];
    socket.use((event, next) => {
      heard.push([...event]);
      event[1] = Number(event[1]) + 1;
      next();
    });
    socket.use((event, next) => {
      if (event[0] === "old") event[0] = "new";
      next();
    });
    socket.onAny((name: string) => void heard.push(name));
    for (const name of ["add", "new"]) socket.on(name, (n: number, ack: (n: number) => void) => ack(n));
    await client.send('421["add",1]');
    assert.equal(await client.next(), "431[2]");
    await client.send('422["old",5]');
    assert.equal(await client.next(), "432[6]");
    assert.deepEqual(
      heard.map((entry) => (Array.isArray(entry) ? entry.slice(0, 2) : entry)),
      [["add", 1], "add", ["old", 5], "new"],
    );
  });

  test("refuses: no listener hears it, `error` is emitted, and who waits is told", async (t) => {
    const { io, socket, client } = await startJoined(t, {}, ERRORS_PATH);
    const errors: unknown[] = [];
    io.on("handler_error", () => assert.fail("it was heard"));
    socket.on("error", (error) => void errors.push(error.message));
    socket.onAny(() => assert.fail("it was refused"));
    socket.use(([name], next) =>
      next(name === "own" ? new EventError("forbidden", "No.") : new Error("mine")),
    );
    await client.send('421["own"]');
    assert.equal(await client.next(), '441{"code":"forbidden","message":"No."}');
    await client.send('422["other"]');
    assert.equal(await client.next(), `442${FAILED}`);
    await client.send('42["own"]');
    await client.send('423["own"]');
    await client.next();
    assert.deepEqual(errors, ["No.", "mine", "No.", "No."]);
  });

  test("whose error nobody hears is reported, unless it is an EventError", async (t) => {
    const { io, socket, client } = await startJoined(t);
    const reports: unknown[] = [];
    io.on("handler_error", (error, { event }) => void reports.push([(error as Error).message, event]));
    socket.use(([name], next) => {
      if (name === "own") next(new EventError("forbidden", "No."));
      else next(name === "refuse" ? new Error("refused") : undefined);
    });
    socket.on("done", (ack: () => void) => ack());
    for (const packet of ['42["own"]', '42["refuse"]', '421["done"]']) await client.send(packet);
    assert.equal(await client.next(), "431[]");
    assert.deepEqual(reports, [["refused", "refuse"]]);
  });

  test("that throws or rejects is reported; an EventError is a refusal", async (t) => {
    const { io, socket, client } = await startJoined(t, {}, ERRORS_PATH);
    const reports: unknown[] = [];
    const errors: string[] = [];
    io.on("handler_error", (error) => void reports.push((error as Error).message));
    socket.on("error", (error) => void errors.push(error.message));
    socket.use(async ([name], next) => {
      await Promise.resolve();
      if (name === "own") throw new EventError("forbidden", "No.");
      if (name === "fail") throw new Error("secret");
      next();
      if (name === "late") throw new Error("after next");
    });
    socket.on("late", (ack: () => void) => ack());
    await client.send('421["own"]');
    assert.equal(await client.next(), '441{"code":"forbidden","message":"No."}');
    await client.send('422["fail"]');
    assert.equal(await client.next(), `442${FAILED}`);
    await client.send('423["late"]');
    assert.equal(await client.next(), "433[]");
    await new Promise(setImmediate);
    assert.deepEqual([reports, errors], [["secret", "after next"], ["No."]]);
  });

  test("may go on when the client is gone: nobody hears it", async (t) => {
    const { socket, client } = await startJoined(t);
    const waiting: (() => void)[] = [];
    socket.use((_event, next) => void waiting.push(next));
    socket.on("late", () => assert.fail("it is gone"));
    await client.send('421["late"]');
    await client.send("41");
    await client.joinNamespace();
    waiting[0]!();
    assert.throws(() => socket.use("x" as never), TypeError);
  });
});

describe("the acknowledgement, in middleware", () => {
  type Acknowledge = (...args: unknown[]) => void;

  /** As programs for Socket.IO do it. */
  function useAcknowledgements(socket: Socket): void {
    socket.use((event, next) => {
      const give = event.at(-1) as Acknowledge | undefined;
      if (event[0] === "answer") give?.("from middleware");
      else if (event[0] === "wrap") event[event.length - 1] = (value: unknown) => give?.("wrapped", value);
      else if (event[0] === "add") event.splice(1, 0, "added");
      next(event[0] === "answer" ? new Error("answered") : undefined);
    });
    socket.on("error", () => {});
    socket.onAny((name: string, ...args: unknown[]) => {
      if (name === "plain") socket.emit("plain", args.length);
    });
    for (const name of ["wrap", "add"]) {
      socket.on(name, (...args: unknown[]) => (args.pop() as Acknowledge)(...args));
    }
  }

  async function answers(t: TestContext, io: Server, url: string): Promise<unknown[]> {
    io.on("connection", useAcknowledgements);
    const client = stockClient(t, url);
    const ask = (...event: [string, ...unknown[]]): Promise<unknown[]> =>
      new Promise((resolve) => client.emit(...event, (...args: unknown[]) => resolve(args)));
    const plain = nextOf(client, "plain");
    client.emit("plain", 1);
    return [await ask("answer", 1), await ask("wrap", 2), await ask("add", 3), await plain];
  }

  test("is the last of the list, and may be given or replaced, as with Socket.IO", async (t) => {
    const { io, url } = await startServer(t);
    const ours = await answers(t, io, url);
    assert.deepEqual(ours, [["from middleware"], ["wrapped", 2], ["added", 3], [1]]);
    const http = createServer();
    const stock = new StockServer(http);
    undoAfter(t, () => stock.close());
    const port = await listen(http);
    assert.deepEqual(await answers(t, stock as unknown as Server, `http://127.0.0.1:${port}`), ours);
  });

  test("is not shown to schemas, at once or later", async (t) => {
    const { io, socket, client } = await startJoined(t);
    io.validate({ now: zod.number(), later: zod.number().refine(() => Promise.resolve(true)) });
    socket.use((event, next) => {
      const give = event.at(-1) as Acknowledge;
      event[event.length - 1] = (value: unknown) => give("wrapped", value);
      next();
    });
    for (const name of ["now", "later"]) {
      socket.on(name, (value: number, give: Acknowledge) => give(value + 1));
      await client.send(`421["${name}",1]`);
      assert.equal(await client.next(), '431["wrapped",2]');
    }
  });
});
