import { run } from "../../fuzz/upgrade.ts";
import { testTarget } from "./run-target.ts";

testTarget("upgrade", run, {
  inputs: 1_000,
  reaches: ["101", "400", "405", "426", "dropped"],
});
