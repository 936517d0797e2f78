import { run } from "../../fuzz/payload.ts";
import { testTarget } from "./run-target.ts";

testTarget("payload", run, {
  inputs: 20_000,
  reaches: ["round trip", "foreign round trip", "refused", "count", "count refused"],
});
