import { KNOWN_DIFFERENCES } from "../../fuzz/lib/known-differences.ts";
import { run } from "../../fuzz/differential.ts";
import { testTarget } from "./run-target.ts";

testTarget("differential", run, {
  inputs: 20_000,
  reaches: [
    "both take it",
    "both refuse with 1002",
    "both refuse with 1007",
    "both refuse with 1009",
    ...KNOWN_DIFFERENCES.map(({ name }) => name),
  ],
});
