import { run } from "../../fuzz/utf8.ts";
import { testTarget } from "./run-target.ts";

testTarget("utf8", run, {
  inputs: 46_000,
  reaches: ["valid", "incomplete", "refused"],
});
