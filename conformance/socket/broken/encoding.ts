import { encode, type Packet } from "../wire/packets.ts";
import type { FaultName } from "./faults.ts";

/** Bytes as JSON has them. */
export function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** A packet as messages of the engine. */
export function asMessages(packet: Packet, fault: FaultName | undefined): (string | Buffer)[] {
  const messages = encode(packet);
  if (fault === "attachments-reversed") return [messages[0]!, ...messages.slice(1).toReversed()];
  return messages;
}
