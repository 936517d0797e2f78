import { runControl } from "../../../conformance/websocket/control.ts";
import { testControl } from "../lib/control.ts";

testControl("ws without compression", () => runControl(false), ["limits", "deflate"]);
