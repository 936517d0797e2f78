import { runControl } from "../../../conformance/socket/control.ts";
import { listCases } from "../../../conformance/socket/index.ts";
import { testCases, testControl } from "../lib/control.ts";

// More side by side than is usual: what fails here is mostly silence, which takes the whole time limit.
testControl("socket.io", () => runControl({ timeScale: 3, concurrency: 32 }));

testCases(listCases());
