import { run } from "../../fuzz/decompressor.ts";
import { testTarget } from "./run-target.ts";

testTarget("decompressor", run, {
  inputs: 3_000,
  reaches: ["inflated", "WS_ERR_INVALID_COMPRESSED_DATA", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"],
});
