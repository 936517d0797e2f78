import { type Case, session } from "../case.ts";
import { closeBody, type Frame, OPCODE } from "../../lib/wire/frame.ts";

const BITS: readonly [name: string, rsv: number][] = [
  ["rsv1", 4],
  ["rsv2", 2],
  ["rsv3", 1],
  ["rsv1-and-2", 6],
  ["rsv1-and-3", 5],
  ["rsv2-and-3", 3],
  ["all", 7],
];

/** Frames before the faulty one, so that it stands where its opcode may. */
function setUp(name: keyof typeof OPCODE): Frame[] {
  return name === "continuation" ? [{ opcode: OPCODE.text, payload: "begun, ", fin: false }] : [];
}

function reservedBits(name: keyof typeof OPCODE, bits: string, rsv: number): Case {
  const sentence = `Refuses reserved bits on a ${name} frame when no extension gave them a meaning.`;
  return session(`reserved/${bits}-on-${name}`, "6455 §5.2", sentence, async (peer) => {
    const payload = name === "close" ? closeBody(1000) : "some payload";
    await peer.send(...setUp(name), { opcode: OPCODE[name], payload, rsv });
    await peer.expectFailure(1002);
  });
}

function reservedOpcode(
  opcode: number,
  where: string,
  frames: readonly Frame[],
  faulty: Omit<Frame, "opcode">,
): Case {
  const id = `reserved/opcode-${opcode}-${where}`;
  return session(id, "6455 §5.2", `Refuses the reserved opcode ${opcode}.`, async (peer) => {
    await peer.send(...frames, { opcode, ...faulty });
    await peer.expectFailure(1002);
  });
}

const NAMES = ["text", "binary", "continuation", "ping", "pong", "close"] as const;
const OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

/** What the protocol keeps for later must not be used today. */
export const reserved: Case[] = [
  ...NAMES.flatMap((name) => BITS.map(([bits, rsv]) => reservedBits(name, bits, rsv))),
  ...OPCODES.flatMap((opcode) => [
    reservedOpcode(opcode, "empty", [], {}),
    reservedOpcode(opcode, "with-payload", [], { payload: "reserved" }),
    reservedOpcode(opcode, "inside-message", [{ opcode: OPCODE.text, payload: "a", fin: false }], {
      payload: "b",
    }),
  ]),
  session(
    "reserved/nothing-after",
    "6455 §7.1.7",
    "Answers nothing that follows the fault.",
    async (peer) => {
      await peer.send({ opcode: 3 }, { opcode: OPCODE.text, payload: "after" }, { opcode: OPCODE.ping });
      await peer.expectFailure(1002);
      await peer.expectEnd();
    },
  ),
  session("reserved/echo-before", "6455 §7.1.7", "Answers the messages before the fault.", async (peer) => {
    await peer.send({ opcode: OPCODE.text, payload: "before" });
    await peer.expectText("before");
    await peer.send({ opcode: 11, payload: "x" });
    await peer.expectFailure(1002);
  }),
  session(
    "reserved/at-once",
    "6455 §7.1.7",
    "Refuses on the first bytes, before the payload is there.",
    async (peer) => {
      await peer.send({ opcode: 5, announcedLength: 1000n });
      await peer.expectFailure(1002);
    },
  ),
];
