import { printControl } from "../lib/control.ts";
import { runControl } from "./control.ts";

/** The control from the command line: exit code 0 if `socket.io` fails just where it is listed. */
printControl("socket.io", await runControl());
