import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import * as valibot from "valibot";
import * as zod from "zod";
import type { EventError } from "../../src/shared/event-error.ts";
import type { StandardSchema } from "../../src/sockets/validation.ts";
import { EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { ERRORS_PATH, startJoined } from "../support/joined.ts";

/** A schema by hand: even numbers, doubled. */
const even: StandardSchema<number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "number" && value % 2 === 0
        ? { value: value * 2 }
        : { issues: [{ message: "not even", path: [{ key: "deep" }, Symbol("s")] }] },
  },
};

const later: StandardSchema<unknown, string> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: async (value) => {
      await Promise.resolve();
      if (value === "fail") throw new Error("database is down");
      return value === "no" ? { issues: [{ message: "no" }] } : { value: `${String(value)}!` };
    },
  },
};

/** A client whose server echoes what the listeners of `say` and `move` get. */
async function start(t: TestContext, schemas: Record<string, StandardSchema | StandardSchema[]>) {
  const { io, socket, client, log } = await startJoined(t, {}, ERRORS_PATH);
  io.validate(schemas);
  for (const name of ["say", "move"]) {
    socket.on(name, (...args: unknown[]) => (args.pop() as (...args: unknown[]) => void)(...args));
  }
  const ask = async (text: string): Promise<string> => {
    await client.send(`421${text}`);
    return (await client.next()).slice(3);
  };
  return { io, socket, client, ask, log };
}

const issuesOf = (answer: string): unknown => {
  const { code, message, data } = JSON.parse(answer) as EventError;
  assert.equal(code, "invalid_arguments");
  assert.match(message, /^The arguments of "\w+" are not valid\.$/);
  return (data as { issues: unknown }).issues;
};

describe("schemas", () => {
  for (const [library, text, point] of [
    ["zod", zod.string().trim().min(1), zod.object({ x: zod.number(), on: zod.boolean().default(true) })],
    [
      "valibot",
      valibot.pipe(valibot.string(), valibot.trim(), valibot.minLength(1)),
      valibot.object({ x: valibot.number(), on: valibot.optional(valibot.boolean(), true) }),
    ],
  ] as const) {
    test(`of ${library} check, and listeners get what they make`, async (t) => {
      const { ask } = await start(t, { say: text, move: [text, point] });
      assert.equal(await ask('["say"," hello "]'), '["hello"]');
      assert.equal(await ask('["move"," a ",{"x":1,"y":2}]'), '["a",{"x":1,"on":true}]');
      const [issue] = issuesOf(await ask('["move","a",{"x":"one"}]')) as { path: unknown; message: string }[];
      assert.deepEqual(issue!.path, [1, "x"]);
      assert.ok(issue!.message.length > 0);
      assert.deepEqual((issuesOf(await ask('["say"]')) as { path: unknown }[])[0]!.path, [0]);
    });
  }

  test("made by hand do, too; paths are what JSON can hold", async (t) => {
    const { ask } = await start(t, { say: even, move: [even, even] });
    assert.equal(await ask('["say",2]'), "[4]");
    assert.equal(await ask('["move",2,4]'), "[4,8]");
    const issue = { message: "not even", path: [0, "deep", "Symbol(s)"] };
    assert.deepEqual(issuesOf(await ask('["say",1]')), [issue]);
    assert.deepEqual(issuesOf(await ask('["move",1]')), [
      issue,
      { ...issue, path: [1, "deep", "Symbol(s)"] },
    ]);
    assert.deepEqual(issuesOf(await ask('["say",2,2]')), [
      { message: "The event takes 1 arguments, not 2.", path: [1] },
    ]);
  });

  test("may take their time", async (t) => {
    const { ask, io } = await start(t, { say: later, move: [even, later] });
    assert.equal(await ask('["say","hi"]'), '["hi!"]');
    assert.equal(await ask('["move",2,"hi"]'), '[4,"hi!"]');
    assert.deepEqual(issuesOf(await ask('["say","no"]')), [{ message: "no", path: [0] }]);
    const reports: unknown[] = [];
    io.on("handler_error", (error) => void reports.push((error as Error).message));
    assert.equal(
      await ask('["move",2,"fail"]'),
      '{"code":"handler_failed","message":"The handler of this event failed."}',
    );
    assert.deepEqual(reports, ["database is down"]);
  });

  test("that throw are reported, and nobody is left behind", async (t) => {
    const broken: StandardSchema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => {
          throw new Error("broken");
        },
      },
    };
    const { ask, io } = await start(t, { say: [later, broken] });
    const reports: unknown[] = [];
    io.on("handler_error", (error) => void reports.push((error as Error).message));
    assert.match(await ask('["say","fail",1]'), /handler_failed/);
    await new Promise(setImmediate);
    assert.deepEqual(reports, ["broken"]);
  });

  test("refuse with `error` on the socket, after its middleware; other events pass", async (t) => {
    const { socket, client, ask } = await start(t, { say: even });
    const errors: unknown[] = [];
    socket.on("error", (error) => void errors.push((error as EventError).code));
    socket.use((event, next) => {
      if (event[1] === "two") event[1] = 2;
      next();
    });
    assert.equal(await ask('["say","two"]'), "[4]");
    await client.send('42["say",1]');
    assert.equal(await ask('["move",1,"anything"]'), '[1,"anything"]');
    assert.deepEqual(errors, ["invalid_arguments"]);
  });

  test("must be schemas; the last for an event counts; children of a pattern have their parent's", async (t) => {
    const { io, port } = await startServer(t);
    for (const wrong of [{}, null, "x", [{}], { "~standard": { version: 2 } }]) {
      assert.throws(() => io.validate({ say: wrong as never }), TypeError);
    }
    const parent = io.of(/^\/room/);
    parent.validate({ say: [] });
    parent.validate({ say: even });
    parent.on("connection", (socket) => {
      socket.on("say", (value: number, ack: (value: number) => void) => ack(value));
    });
    const client = await EngineClient.open(t, port, ERRORS_PATH);
    await client.joinNamespace("/room");
    await client.send('42/room,1["say",2]');
    assert.equal(await client.next(), "43/room,1[4]");
    await client.send('42/room,2["say",1]');
    assert.match(await client.next(), /^44\/room,2\{"code":"invalid_arguments"/);
  });
});
