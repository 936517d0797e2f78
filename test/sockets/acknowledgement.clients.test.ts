/** Errors of events from end to end: our server with our client and the stock one. Packets: `acknowledgement.test.ts`. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { z } from "zod";
import type { TransportName } from "../../src/client/node.ts";
import { EventError } from "../../src/shared/event-error.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { startServer } from "../support/fixture.ts";
import { nodeClient } from "../support/node-client.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { nextOf, stockClient } from "../support/stock-client.ts";

const LISTS: readonly TransportName[][] = [["websocket"], ["polling"], ["polling", "websocket"], ["sse"]];
const TAKEN = { code: "name_taken", message: '"Ada" is taken.', data: { suggestion: "Ada2" } };

/** A server whose handlers fail in every way, and what it reports. */
async function failingServer(t: TestContext) {
  const server = await startServer(t);
  const reports: string[] = [];
  server.io.on("handler_error", (error, { event }) => void reports.push(`${event}: ${String(error)}`));
  for (const namespace of [server.io.sockets, server.io.of("/admin")]) {
    namespace.validate({ move: [z.number(), z.string()] });
    namespace.on("connection", (socket) => {
      socket.use(([name], next) =>
        next(name === "forbidden" ? new EventError("forbidden", "No.") : undefined),
      );
      socket.on("rename", () => {
        throw new EventError(TAKEN.code, TAKEN.message, TAKEN.data);
      });
      socket.on("crash", () => Promise.reject(new Error("secret")));
      socket.on("move", (x: number, y: string, ack: (sum: string) => void) => ack(x + y));
    });
  }
  return { ...server, reports };
}

describe("what fails at our server", () => {
  for (const transports of LISTS) {
    for (const path of ["", "/admin"]) {
      test(`our client is told, over ${transports.join(", ")}, in ${path || "/"}`, async (t) => {
        const { url, reports } = await failingServer(t);
        const client = nodeClient(t, `${url}${path}`, { transports, rememberTransport: false });
        await assert.rejects(client.emitWithAck("rename", "Ada"), { name: "EventError", ...TAKEN });
        await assert.rejects(client.timeout(10_000).emitWithAck("forbidden"), { code: "forbidden" });
        await assert.rejects(client.emitWithAck("crash"), (error: EventError) => {
          assert.equal(error.code, "handler_failed");
          assert.ok(!error.message.includes("secret") && error.data === undefined);
          return true;
        });
        await assert.rejects(client.emitWithAck("move", "x", "y"), (error: EventError) => {
          assert.equal(error.code, "invalid_arguments");
          const { issues } = error.data as { issues: { message: string; path: unknown[] }[] };
          assert.deepEqual(
            issues.map((issue) => issue.path),
            [[0]],
          );
          return true;
        });
        const told = new Promise((resolve) => void client.timeout(10_000).emit("rename", "Ada", resolve));
        assert.equal(((await told) as EventError).code, TAKEN.code);
        assert.equal(await client.emitWithAck("move", 1, "a"), "1a");
        assert.deepEqual(reports, ["crash: Error: secret"]);
      });
    }
  }

  test("is told to the manager, where the callback takes no error", async (t) => {
    const { url } = await failingServer(t);
    const client = nodeClient(t, url);
    const telling = nextOf(client.io, "emit_error");
    let isCalled = false;
    client.emit("rename", "Ada", () => (isCalled = true));
    const [error, namespace] = await telling;
    assert.equal((error as EventError).code, TAKEN.code);
    assert.equal(namespace, "/");
    assert.equal(await client.emitWithAck("move", 1, "a"), "1a");
    assert.equal(isCalled, false);
  });

  for (const transports of [["websocket"], ["polling"]]) {
    test(`a stock client is told nothing, over ${transports.join()}, and goes on`, async (t) => {
      const { url, reports } = await failingServer(t);
      const client = stockClient(t, url, { transports });
      const heard: unknown[] = [];
      client.io.on("packet", ({ type, id }) => void heard.push(`${type} ${id}`));
      await nextOf(client, "connect");
      for (const name of ["rename", "forbidden", "crash"]) client.emit(name, () => heard.push(name));
      client.emit("move", "x", "y", () => heard.push("move"));
      await assert.rejects(client.timeout(1).emitWithAck("rename"), /timed out/);
      assert.equal(await client.emitWithAck("move", 1, "a"), "1a");
      // The answer to CONNECT, and that of the last.
      assert.deepEqual(heard, ["0 undefined", "3 5"]);
      assert.deepEqual(reports, ["crash: Error: secret"]);
    });
  }
});

describe("what fails at our client", () => {
  for (const transports of [["websocket"], ["polling"]] satisfies TransportName[][]) {
    test(`is logged there; the server's own limit ends its wait, over ${transports.join()}`, async (t) => {
      const { io, url } = await startServer(t);
      const log = new RecordingLogger();
      const arriving = nextOf(io, "connection");
      const client = nodeClient(t, url, { transports, logger: log });
      client.on("fail", () => {
        throw new EventError("busy", "Not now.");
      });
      client.on("ask", (ack: (answer: string) => void) => ack("yes"));
      const socket = (await arriving)[0] as Socket;
      await assert.rejects(socket.timeout(100).emitWithAck("fail"), { code: "timeout" });
      await assert.rejects(io.timeout(100).emitWithAck("fail"), {
        code: "timeout",
        responses: [],
        errors: [],
      });
      assert.equal(await socket.emitWithAck("ask"), "yes");
      assert.equal(log.take().length, 2);
    });
  }
});
