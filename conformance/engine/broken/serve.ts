import { parseArgs } from "node:util";
import { type FaultName, FAULTS } from "./faults.ts";
import { startBrokenServer } from "./server.ts";

const { values } = parseArgs({
  options: { fault: { type: "string" }, port: { type: "string" }, list: { type: "boolean" } },
});

if (values.list) {
  for (const [name, { sentence, caughtBy }] of Object.entries(FAULTS))
    console.log(`${name.padEnd(24)} ${sentence} (${caughtBy})`);
} else if (values.fault !== undefined && !Object.hasOwn(FAULTS, values.fault)) {
  console.error(`There is no fault "${values.fault}": --list names them.`);
  process.exitCode = 2;
} else {
  const { url } = await startBrokenServer({
    fault: values.fault as FaultName | undefined,
    port: Number(values.port ?? 0),
  });
  console.log(`${url} echoes ${values.fault ? `with the fault "${values.fault}"` : "without a fault"}.`);
}
