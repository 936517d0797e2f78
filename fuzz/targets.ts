/** Every target by its name; see README.md in this folder. */
import { run as decompressor } from "./decompressor.ts";
import { run as differential } from "./differential.ts";
import { run as engineRequests } from "./engine-requests.ts";
import { run as frameParser } from "./frame-parser.ts";
import { run as handshake } from "./handshake.ts";
import type { Run } from "./lib/fuzzer.ts";
import { run as packets } from "./packets.ts";
import { run as payload } from "./payload.ts";
import { run as upgrade } from "./upgrade.ts";
import { run as utf8 } from "./utf8.ts";

/** A target, and how large its share of the inputs is: the slower, the smaller. */
interface Target {
  readonly run: Run;
  readonly share: number;
}

export const TARGETS: Readonly<Record<string, Target>> = {
  "frame-parser": { run: frameParser, share: 1 },
  differential: { run: differential, share: 0.5 },
  decompressor: { run: decompressor, share: 0.2 },
  "engine-requests": { run: engineRequests, share: 0.005 },
  handshake: { run: handshake, share: 1 },
  packets: { run: packets, share: 1 },
  payload: { run: payload, share: 1 },
  upgrade: { run: upgrade, share: 0.05 },
  utf8: { run: utf8, share: 1 },
};
