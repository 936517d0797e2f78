/**
 * Our parser and the `ws` package make the same of a stream of frames: the same messages and control frames, in order, then refused
 * with the same close code or not refused; but for the differences in `lib/known-differences.ts`, where we are stricter on purpose.
 */
import { isUtf8 } from "node:buffer";
import type { FrameParserOptions } from "../src/protocol/frame-parser.ts";
import { frameStream } from "./lib/frame-streams.ts";
import { fuzzer, type Run } from "./lib/fuzzer.ts";
import { agree, KNOWN_DIFFERENCES } from "./lib/known-differences.ts";
import { ourVerdict, theirVerdict } from "./lib/verdicts.ts";

const LIMITS = [0, 100, 250, 66_000];

export const run: Run = fuzzer("differential", (random) => {
  const role = random.pick(["server", "client"] as const);
  const options: FrameParserOptions = { role, maxMessageBytes: random.pick(LIMITS), isUtf8 };
  const bytes = frameStream(random, { masked: role === "server", compressed: false });
  const ours = ourVerdict(bytes, options);
  const theirs = theirVerdict(bytes, options);
  if (agree(ours, theirs))
    return ours.closeCode === undefined ? "both take it" : `both refuse with ${ours.closeCode}`;
  const known = KNOWN_DIFFERENCES.find((difference) => difference.applies(ours, theirs, bytes));
  if (known !== undefined) return known.name;
  throw new Error(
    `ours: ${JSON.stringify(ours)}\nws:   ${JSON.stringify(theirs)}\nas a ${role}, at most ${options.maxMessageBytes} bytes, for ${bytes.toString("hex")}`,
  );
});
