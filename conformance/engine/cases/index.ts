import type { Case } from "../case.ts";
import { closings } from "./close.ts";
import { handshakes } from "./handshake.ts";
import { refusals } from "./handshake-errors.ts";
import { heartbeats } from "./heartbeat.ts";
import { pollingMessages } from "./polling-messages.ts";
import { pollingRequests } from "./polling-requests.ts";
import { brokenUpgrades } from "./upgrade-broken.ts";
import { upgradeTimeouts } from "./upgrade-timeout.ts";
import { upgrades } from "./upgrade.ts";
import { websockets } from "./websocket.ts";

/** Every case, in the order of the reports. */
export const cases: readonly Case[] = [
  ...handshakes,
  ...refusals,
  ...pollingMessages,
  ...pollingRequests,
  ...websockets,
  ...heartbeats,
  ...upgrades,
  ...brokenUpgrades,
  ...upgradeTimeouts,
  ...closings,
];
