import { printControl } from "../lib/control.ts";
import { runControl } from "./control.ts";

/** The control from the command line: exit code 0 if `ws` fails just where it is listed. */
for (const compression of [true, false]) {
  printControl(`ws ${compression ? "with" : "without"} compression`, await runControl(compression));
}
