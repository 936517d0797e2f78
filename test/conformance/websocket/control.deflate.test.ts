import { runControl } from "../../../conformance/websocket/control.ts";
import { listCases } from "../../../conformance/websocket/index.ts";
import { testCases, testControl } from "../lib/control.ts";

testControl("ws with compression", () => runControl(true), ["limits"]);

testCases(listCases());
