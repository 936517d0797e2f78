import { run } from "../../fuzz/engine-requests.ts";
import { testTarget } from "./run-target.ts";

testTarget("engine-requests", run, {
  inputs: 300,
  reaches: ["200", "400", "413"],
});
