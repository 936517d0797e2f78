import { runControl } from "../../../conformance/engine/control.ts";
import { listCases } from "../../../conformance/engine/index.ts";
import { testCases, testControl } from "../lib/control.ts";

testControl("engine.io", () => runControl({ timeScale: 3 }));

testCases(listCases());
