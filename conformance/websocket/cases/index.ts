import type { Case } from "../case.ts";
import { clientHandshakes } from "./client-handshake.ts";
import { closing } from "./close.ts";
import { deflateFaults } from "./deflate-faults.ts";
import { deflateMessages } from "./deflate-messages.ts";
import { deflateNegotiation } from "./deflate-negotiation.ts";
import { deflateShapes } from "./deflate-shapes.ts";
import { fragmentation } from "./fragmentation.ts";
import { framing } from "./framing.ts";
import { invalidHandshakes } from "./handshake-invalid.ts";
import { validHandshakes } from "./handshake-valid.ts";
import { large } from "./large.ts";
import { limits } from "./limits.ts";
import { pings } from "./ping.ts";
import { reserved } from "./reserved.ts";
import { utf8 } from "./utf8.ts";

/** Every case, in the order of the reports. */
export const cases: readonly Case[] = [
  ...validHandshakes,
  ...invalidHandshakes,
  ...clientHandshakes,
  ...framing,
  ...reserved,
  ...pings,
  ...fragmentation,
  ...utf8,
  ...closing,
  ...large,
  ...limits,
  ...deflateNegotiation,
  ...deflateMessages,
  ...deflateShapes,
  ...deflateFaults,
];
