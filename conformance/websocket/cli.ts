import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Conclusion, number } from "../lib/conclude.ts";
import type { Report } from "../lib/report.ts";
import { listCases, runClientSuite, runServerSuite, type SuiteOptions } from "./index.ts";

const USAGE = `Tests a WebSocket endpoint that echoes.

  cli.ts --url ws://127.0.0.1:9001 [options]     a server
  cli.ts --client [--port 9001] [options]        clients that come to us
  cli.ts --list                                  the cases

  --group NAME          only this group; may be repeated
  --case ID             only this case, or those whose id begins so; may be repeated
  --max-payload BYTES   the longest message the endpoint takes: tests its limit, leaves out what is larger
  --require deflate     fail, rather than leave out, what needs compression
  --secure-insecure     accept any TLS certificate
  --expectations FILE   JSON of case id to reason: these fail, and nothing else; may be repeated
  --json FILE           write the whole report
  --concurrency N       cases side by side (16)
  --time-scale X        multiply every time limit (1)
  --idle-timeout MS     with --client: give up when nobody has come for so long (30000)`;

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    client: { type: "boolean" },
    port: { type: "string" },
    list: { type: "boolean" },
    help: { type: "boolean" },
    group: { type: "string", multiple: true },
    case: { type: "string", multiple: true },
    "max-payload": { type: "string" },
    require: { type: "string", multiple: true },
    "secure-insecure": { type: "boolean" },
    expectations: { type: "string", multiple: true },
    json: { type: "string" },
    concurrency: { type: "string" },
    "time-scale": { type: "string" },
    "idle-timeout": { type: "string" },
  },
});

async function run(): Promise<Report> {
  const conclusion = await Conclusion.from(values.expectations);
  const options: SuiteOptions = {
    groups: values.group,
    only: values.case,
    concurrency: number(values.concurrency),
    timeScale: number(values["time-scale"]),
    maxPayloadBytes: number(values["max-payload"]),
    requireDeflate: values.require?.includes("deflate"),
    onResult: (result) => conclusion.hear(result),
  };
  const report = values.client
    ? await runClientSuite({
        ...options,
        port: number(values.port),
        idleTimeoutMs: number(values["idle-timeout"]),
        onListening: (url) =>
          console.log(`Clients may come to ${url}/count, ${url}/case?n=1 … and ${url}/done.`),
      })
    : await runServerSuite(values.url!, { ...options, insecure: values["secure-insecure"] });
  process.exitCode = conclusion.print(report);
  return report;
}

if (values.list) {
  for (const { id, section, sentence } of listCases()) console.log(`${id}  ${section}  ${sentence}`);
} else if (values.help || (!values.url && !values.client)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const report = await run();
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
