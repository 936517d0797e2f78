import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Conclusion, number } from "../lib/conclude.ts";
import { listCases, runSocketSuite } from "./index.ts";

const USAGE = `Tests a Socket.IO v5 server that does what the README of this suite asks.

  cli.ts --url http://127.0.0.1:3000/socket.io/ [options]
  cli.ts --list                                  the cases

  --only TEXT           only this case, or those whose id begins so; may be repeated
  --group NAME          only this group; may be repeated
  --guarded             the server has /guarded: tests how it refuses
  --connect-timeout MS  the time the server gives a session to join a namespace: tests that it does
  --expectations FILE   JSON of case id to reason: these fail, and nothing else; may be repeated
  --json FILE           write the whole report
  --concurrency N       cases side by side (16)
  --time-scale X        multiply every time limit (1)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string" },
    list: { type: "boolean" },
    help: { type: "boolean" },
    only: { type: "string", multiple: true },
    group: { type: "string", multiple: true },
    guarded: { type: "boolean" },
    "connect-timeout": { type: "string" },
    expectations: { type: "string", multiple: true },
    json: { type: "string" },
    concurrency: { type: "string" },
    "time-scale": { type: "string" },
  },
});
const url = values.url ?? positionals[0];

if (values.list) {
  for (const { id, section, sentence } of listCases()) console.log(`${id}  ${section}  ${sentence}`);
} else if (values.help || url === undefined) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const conclusion = await Conclusion.from(values.expectations);
  const report = await runSocketSuite(url, {
    groups: values.group,
    only: values.only,
    guarded: values.guarded,
    connectTimeoutMs: number(values["connect-timeout"]),
    concurrency: number(values.concurrency),
    timeScale: number(values["time-scale"]),
    onResult: (result) => conclusion.hear(result),
  });
  process.exitCode = conclusion.print(report);
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
