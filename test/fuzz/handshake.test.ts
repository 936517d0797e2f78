import { run } from "../../fuzz/handshake.ts";
import { testTarget } from "./run-target.ts";

testTarget("handshake", run, {
  inputs: 50_000,
  reaches: [
    "request accepted",
    "request refused",
    "response accepted",
    "response refused",
    "extensions accepted",
    "extensions declined",
    "extensions refused",
    "negotiated",
  ],
});
