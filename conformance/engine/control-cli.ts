import { printControl } from "../lib/control.ts";
import { runControl } from "./control.ts";

/** The control from the command line: exit code 0 if `engine.io` fails just where it is listed. */
printControl("engine.io", await runControl());
