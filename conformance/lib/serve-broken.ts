import { parseArgs } from "node:util";
import { number } from "./conclude.ts";
import { type Fault, faultsText } from "./fault.ts";

/** What the command line asks of a broken server. */
export interface BrokenServerRequest<Name extends string> {
  fault: Name | undefined;
  port: number | undefined;
  /** The longest message it takes, for suites that are told a limit. */
  maxPayloadBytes: number | undefined;
}

/** The command line of a broken server: `--list` names the faults, `--fault NAME` starts it with one. */
export async function serveBroken<Name extends string>(
  faults: Readonly<Record<Name, Fault>>,
  start: (request: BrokenServerRequest<NoInfer<Name>>) => Promise<{ url: string }>,
): Promise<void> {
  const { values } = parseArgs({
    options: {
      fault: { type: "string" },
      port: { type: "string" },
      "max-payload": { type: "string" },
      list: { type: "boolean" },
    },
  });
  if (values.list) return console.log(faultsText(faults));
  if (values.fault !== undefined && !Object.hasOwn(faults, values.fault)) {
    console.error(`There is no fault "${values.fault}": --list names them.`);
    process.exitCode = 2;
    return;
  }
  const { url } = await start({
    fault: values.fault as Name | undefined,
    port: number(values.port),
    maxPayloadBytes: number(values["max-payload"]),
  });
  console.log(`${url} echoes ${values.fault ? `with the fault "${values.fault}"` : "without a fault"}.`);
}
