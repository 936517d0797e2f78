import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a program may expect of an entry; of the others it is enough that they load. */
const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  switchboard: ["Server", "EventError", "AckError"],
  "switchboard/client": ["io", "Manager", "ReliableWebSocket"],
  "switchboard/client/websocket": ["io"],
  "switchboard/engine": ["Server", "attach"],
  "switchboard/websocket": ["WebSocketServer", "WebSocket"],
  "switchboard/testing": ["FakeClock", "adapterSuite", "logSuite"],
};

/** Runs a file of CommonJS in a folder that has the package installed; it is a process of its own, so that all warnings are seen. */
async function runCommonJs(
  program: string,
): Promise<{ readonly output: string; readonly complaints: string }> {
  const folder = await mkdtemp(join(tmpdir(), "switchboard-commonjs-"));
  try {
    await mkdir(join(folder, "node_modules"));
    await symlink(root, join(folder, "node_modules", "switchboard"), "dir");
    await writeFile(join(folder, "program.cjs"), program);
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const { stdout, stderr } = spawnSync(process.execPath, ["program.cjs"], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
    return { output: stdout, complaints: stderr };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function entries(): Promise<string[]> {
  const json = JSON.parse(await readFile(`${root}/package.json`, "utf8")) as { exports: object };
  const paths = Object.keys(json.exports).filter((path) => !path.endsWith(".json"));
  return paths.map((path) => path.replace(".", "switchboard"));
}

describe("from CommonJS, without a word of warning,", () => {
  it("each entry is found by require", async () => {
    const names = await entries();
    assert.ok(names.length >= 10);
    const { output, complaints } = await runCommonJs(`
      const found = ${JSON.stringify(names)}.map((name) => [name, Object.keys(require(name))]);
      process.stdout.write(JSON.stringify(Object.fromEntries(found)));
    `);
    assert.equal(complaints, "");
    const found = JSON.parse(output) as Record<string, string[]>;
    for (const [name, exports] of Object.entries(EXPORTS)) {
      const missing = exports.filter((each) => found[name]?.includes(each) !== true);
      assert.deepEqual(missing, [], name);
    }
  });

  it("server and client talk", async () => {
    const { output, complaints } = await runCommonJs(`
      const { createServer } = require("node:http");
      const { Server } = require("switchboard");
      const { io } = require("switchboard/client");
      const http = createServer();
      const server = new Server(http);
      server.on("connection", (socket) => socket.on("hello", (name, ack) => ack("Hello, " + name + ".")));
      http.listen(0, "127.0.0.1", async () => {
        const client = io("http://127.0.0.1:" + http.address().port);
        process.stdout.write(await client.emitWithAck("hello", "Ada"));
        client.disconnect();
        await server.close();
      });
    `);
    assert.deepEqual({ output, complaints }, { output: "Hello, Ada.", complaints: "" });
  });
});
