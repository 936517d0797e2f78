import type { Case } from "../case.ts";
import { acks } from "./acks.ts";
import { binaries } from "./binary.ts";
import { breaches } from "./breaches.ts";
import { connects } from "./connect.ts";
import { connectTimeouts } from "./connect-timeout.ts";
import { events } from "./events.ts";
import { guards } from "./guarded.ts";
import { hostilities } from "./hostile.ts";
import { leaves } from "./leave.ts";
import { refusals } from "./refused.ts";
import { rooms } from "./rooms.ts";
import { upgrades } from "./upgrade.ts";

/** Every case, in the order of the reports. */
export const cases: readonly Case[] = [
  ...connects,
  ...refusals,
  ...guards,
  ...connectTimeouts,
  ...events,
  ...acks,
  ...binaries,
  ...breaches,
  ...leaves,
  ...rooms,
  ...upgrades,
  ...hostilities,
];
