import { runControl } from "../../../conformance/socket/control.ts";
import { listCases } from "../../../conformance/socket/index.ts";
import { testCases, testControl } from "../lib/control.ts";

testControl("socket.io", () => runControl({ timeScale: 3 }));

testCases(listCases());
