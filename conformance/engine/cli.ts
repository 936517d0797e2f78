import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Conclusion, number } from "../lib/conclude.ts";
import { listCases, runEngineSuite } from "./index.ts";

const USAGE = `Tests an Engine.IO v4 server that echoes.

  cli.ts --url http://127.0.0.1:3000/engine.io/ [options]
  cli.ts --list                                  the cases

  --only TEXT           only this case, or those whose id begins so; may be repeated
  --group NAME          only this group; may be repeated
  --close-text TEXT     the server closes a session that sends this text: tests how
  --upgrade-timeout MS  the time the server gives an upgrade: tests that it does
  --expectations FILE   JSON of case id to reason: these fail, and nothing else; may be repeated
  --json FILE           write the whole report
  --concurrency N       cases side by side (16)
  --time-scale X        multiply every time limit and how late a deadline may show (1)`;

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    list: { type: "boolean" },
    help: { type: "boolean" },
    only: { type: "string", multiple: true },
    group: { type: "string", multiple: true },
    "close-text": { type: "string" },
    "upgrade-timeout": { type: "string" },
    expectations: { type: "string", multiple: true },
    json: { type: "string" },
    concurrency: { type: "string" },
    "time-scale": { type: "string" },
  },
});

if (values.list) {
  for (const { id, section, sentence } of listCases()) console.log(`${id}  ${section}  ${sentence}`);
} else if (values.help || !values.url) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const conclusion = await Conclusion.from(values.expectations);
  const report = await runEngineSuite(values.url, {
    groups: values.group,
    only: values.only,
    closeText: values["close-text"],
    upgradeTimeoutMs: number(values["upgrade-timeout"]),
    concurrency: number(values.concurrency),
    timeScale: number(values["time-scale"]),
    onResult: (result) => conclusion.hear(result),
  });
  process.exitCode = conclusion.print(report);
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
