import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import {
  type ServerExit,
  ServerProcess,
  type ServerProcessOptions,
} from "../../src/testing/server-process.ts";
import { undoAfter } from "../support/fixture.ts";
import { until } from "../support/until.ts";

const SERVE = `
  const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
    console.log("listening on " + server.address().port);
  });`;
const POLITE = `${SERVE} process.on("SIGTERM", () => { console.error("going"); process.exit(3); });`;
const STUBBORN = `process.on("SIGTERM", () => console.log("no")); ${SERVE}`;
const READY = /^listening on (\d+)$/;

async function start(t: TestContext, code: string, options?: ServerProcessOptions): Promise<ServerProcess> {
  const server = await ServerProcess.start({ args: ["-e", code], ready: READY }, options);
  undoAfter(t, () => server.kill());
  return server;
}

/** Whether somebody listens there. */
async function isServed(port: number): Promise<boolean> {
  const stream = connect(port, "127.0.0.1");
  const answer = await Promise.race([
    once(stream, "connect").then(() => true),
    once(stream, "close").then(() => false),
  ]).catch(() => false);
  stream.destroy();
  return answer;
}

async function untilFree(port: number): Promise<void> {
  while (await isServed(port));
}

test("it waits until the program serves, and ends it by a signal", async (t) => {
  const exits: ServerExit[] = [];
  const lines: string[] = [];
  const server = await start(t, POLITE, {
    onExit: (exit) => exits.push(exit),
    onLine: (line) => lines.push(line),
  });
  assert.equal(await isServed(server.port), true);
  assert.equal(server.isRunning, true);
  assert.ok(server.pid! > 0);
  assert.deepEqual(await server.stop(), { code: 3, signal: null, isExpected: true });
  assert.equal(await isServed(server.port), false);
  assert.deepEqual([server.isRunning, server.pid], [false, undefined]);
  assert.deepEqual(exits, [{ code: 3, signal: null, isExpected: true }]);
  assert.deepEqual(lines, [`listening on ${server.port}`, "going"]);
  assert.equal(server.output, `${lines.join("\n")}\n`);
  assert.deepEqual(await server.stop(), exits[0]);
  assert.equal(exits.length, 1);
});

test("kill gives it no chance, and it starts again", async (t) => {
  const server = await start(t, POLITE);
  const { pid, port } = server;
  assert.deepEqual(await server.kill(), { code: null, signal: "SIGKILL", isExpected: true });
  assert.equal(await isServed(port), false);
  await server.restart();
  assert.notEqual(server.pid, pid);
  assert.equal(await isServed(server.port), true);
  await server.restart("SIGKILL");
  assert.equal(await isServed(server.port), true);
  assert.doesNotMatch(server.output, /going/);
});

test("an end that nobody asked for is told as such", async (t) => {
  const told: ServerExit[] = [];
  const server = await start(t, `${SERVE} process.stdin; setTimeout(() => process.exit(7), 1);`, {
    onExit: (exit) => told.push(exit),
  });
  assert.deepEqual(await server.exited, { code: 7, signal: null, isExpected: false });
  assert.equal(told.length, 1);
  await server.restart();
  await server.exited;
});

test("who does not heed the signal is killed when the time is up", async (t) => {
  const clock = new FakeClock();
  const server = await start(t, STUBBORN, { clock, stopTimeoutMs: 500 });
  const stopped = server.stop();
  await until(() => server.output.includes("no\n"));
  clock.advance(499);
  assert.equal(server.isRunning, true);
  clock.advance(1);
  assert.deepEqual(await stopped, { code: null, signal: "SIGKILL", isExpected: true });
  assert.equal(clock.pending, 0);
});

test("what it started ends with it", async (t) => {
  const server = await start(
    t,
    `const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(SERVE)}], { stdio: "inherit" });
     setInterval(() => {}, 1000);`,
  );
  assert.equal(await isServed(server.port), true);
  await server.kill();
  await untilFree(server.port);
});

test("a program that ends, never serves or is not there is reported, and nothing stays", async () => {
  const program = (code: string) => ({ args: ["-e", code], ready: READY });
  await assert.rejects(
    ServerProcess.start(program(`console.error("no database"); process.exit(4)`)),
    /ended with code 4 before it was ready\. It printed:\nno database/,
  );
  const clock = new FakeClock();
  let pid = 0;
  const late = ServerProcess.start(
    program(`console.log("pid " + process.pid); setInterval(() => {}, 1000)`),
    {
      clock,
      readyTimeoutMs: 700,
      onLine: (line) => {
        pid = Number(line.slice(4));
        clock.advance(700);
      },
    },
  );
  await assert.rejects(late, /was not ready within 700 ms\. It printed:\npid \d+/);
  assert.ok(pid > 0);
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
  assert.equal(clock.pending, 0);
  await assert.rejects(
    ServerProcess.start({ command: "no-such-program", args: [], ready: READY }),
    /no-such-program.*ENOENT/,
  );
});

test("its output is kept within the limit, its environment and directory are as told", async () => {
  const server = await ServerProcess.start(
    {
      args: [
        "-e",
        `for (let i = 0; i < 1000; i++) console.log("x".repeat(100));
         console.log(process.env.COLOUR, process.env.HOME, process.cwd()); console.log("at port=1 as 8080"); setInterval(() => {}, 1000);`,
      ],
      env: { COLOUR: "red", HOME: undefined },
      cwd: "/",
      ready: /at port=\d as (?<port>\d+)/,
    },
    { maxOutputChars: 200 },
  );
  try {
    assert.equal(server.port, 8080);
    assert.ok(server.output.length <= 200);
    assert.match(server.output, /red undefined \/\n/);
  } finally {
    await server.kill();
  }
});

test("it does not outlive us, even if we are killed", async (t) => {
  const file = fileURLToPath(new URL("../../src/testing/server-process.ts", import.meta.url));
  const parent: ChildProcess = spawn(
    process.execPath,
    [
      ...TYPESCRIPT,
      "--input-type=module",
      "-e",
      `const { ServerProcess } = await import(${JSON.stringify(file)});
       const server = await ServerProcess.start({ args: ["-e", ${JSON.stringify(STUBBORN)}], ready: ${READY} });
       console.log(server.port);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  undoAfter(t, () => parent.kill("SIGKILL"));
  let port = 0;
  parent.stdout!.on("data", (text: Buffer) => (port = Number(text.toString())));
  await until(() => port > 0);
  assert.equal(await isServed(port), true);
  parent.kill("SIGKILL");
  await untilFree(port);
});
