import { run } from "../../fuzz/frame-parser.ts";
import { testTarget } from "./run-target.ts";

testTarget("frame-parser", run, {
  inputs: 20_000,
  reaches: [
    "taken",
    "closed",
    "WS_ERR_UNEXPECTED_RSV_1",
    "WS_ERR_UNEXPECTED_RSV_2_3",
    "WS_ERR_INVALID_OPCODE",
    "WS_ERR_EXPECTED_FIN",
    "WS_ERR_EXPECTED_MASK",
    "WS_ERR_UNEXPECTED_MASK",
    "WS_ERR_INVALID_PAYLOAD_LENGTH",
    "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH",
    "WS_ERR_INVALID_CLOSE_CODE",
    "WS_ERR_INVALID_UTF8",
    "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
  ],
});
