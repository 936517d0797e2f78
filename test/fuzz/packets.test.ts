import { run } from "../../fuzz/packets.ts";
import { testTarget } from "./run-target.ts";

testTarget("packets", run, {
  inputs: 60_000,
  reaches: [
    "round trip",
    "binary round trip",
    "foreign round trip",
    "refused",
    "engine open",
    "engine refused",
  ],
});
