import { must, Unexpected } from "../../lib/verdict.ts";
import { describePacket, TYPE } from "./packets.ts";

/** What the server says of a session in its first packet. */
export interface Handshake {
  sid: string;
  upgrades: string[];
  pingInterval: number;
  pingTimeout: number;
  maxPayload: number;
}

const KEYS = ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"];
/** 96 bits take 16 characters of base64. */
const SHORTEST_SID = 16;

/** Reads an open packet: exactly five keys, each with a value that a client can work with. */
export function parseHandshake(packet: string): Handshake {
  const got = describePacket(packet);
  must(packet.startsWith(TYPE.open), "an open packet", got);
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload, ...others } = parseObject(
    packet.slice(1),
    got,
  );
  const keys = Object.keys({ ...others, sid, upgrades, pingInterval, pingTimeout, maxPayload }).toSorted();
  must(keys.join() === KEYS.join(), `exactly the keys ${KEYS.join(", ")}`, got);
  const sidFits = typeof sid === "string" && sid.length >= SHORTEST_SID && /^[\w-]+$/.test(sid);
  must(sidFits, `a sid of ${SHORTEST_SID} or more letters, digits, "-" and "_"`, got);
  must(
    Array.isArray(upgrades) && upgrades.every((one) => typeof one === "string"),
    "a list of upgrades",
    got,
  );
  for (const [name, value] of Object.entries({ pingInterval, pingTimeout, maxPayload })) {
    must(Number.isInteger(value) && (value as number) > 0, `${name} as a whole number above 0`, got);
  }
  return {
    sid,
    upgrades: upgrades as string[],
    pingInterval: pingInterval as number,
    pingTimeout: pingTimeout as number,
    maxPayload: maxPayload as number,
  };
}

function parseObject(json: string, got: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Unexpected("an open packet with JSON", got);
  }
  must(typeof value === "object" && value !== null && !Array.isArray(value), "a JSON object", got);
  return value as Record<string, unknown>;
}
