import { type Case, session } from "../case.ts";
import { fragments, OPCODE, pieces } from "../../lib/wire/frame.ts";
import type { Kind, Peer } from "../wire/peer.ts";
import { sample, scripts } from "./samples.ts";

const KINDS = ["text", "binary"] as const;
const KIB = 1024;
const MIB = 1024 * KIB;

function size(bytes: number): string {
  if (bytes % MIB === 0) return `${bytes / MIB}m`;
  return bytes % KIB === 0 ? `${bytes / KIB}k` : `${bytes}`;
}

function extra(length: number): { heavy: boolean; timeoutMs: number; largestBytes: number } {
  return { heavy: true, timeoutMs: 30_000, largestBytes: length };
}

function whole(kind: Kind, length: number): Case {
  const id = `large/${kind}-${size(length)}`;
  const run = async (peer: Peer): Promise<void> => {
    const message = sample(kind, length);
    await peer.send({ opcode: OPCODE[kind], payload: message });
    await peer.expectMessage(kind, message);
    await peer.finish();
  };
  return session(id, "6455 §5.2", `Echoes ${kind} of ${length} bytes in one frame.`, run, extra(length));
}

function fragmented(kind: Kind, length: number, fragment: number): Case {
  const id = `large/${kind}-${size(length)}-in-fragments-of-${size(fragment)}`;
  const run = async (peer: Peer): Promise<void> => {
    const message = sample(kind, length);
    await peer.sendAll(fragments(OPCODE[kind], pieces(message, fragment)));
    await peer.expectMessage(kind, message);
    await peer.finish();
  };
  return session(
    id,
    "6455 §5.4",
    `Echoes ${kind} of ${length} bytes in fragments of ${fragment}.`,
    run,
    extra(length),
  );
}

function segmented(kind: Kind, length: number, segment: number): Case {
  const id = `large/${kind}-${size(length)}-in-segments-of-${size(segment)}`;
  const run = async (peer: Peer): Promise<void> => {
    const message = sample(kind, length);
    await peer.sendChopped(peer.encode({ opcode: OPCODE[kind], payload: message }), segment);
    await peer.expectMessage(kind, message);
    await peer.finish();
  };
  return session(
    id,
    "6455 §5.2",
    `Echoes ${length} bytes that come in segments of ${segment}.`,
    run,
    extra(length),
  );
}

const MANY: Case = session(
  "large/32-of-256k",
  "6455 §5.4",
  "Echoes 32 messages of 256 KiB sent without waiting, in order.",
  async (peer) => {
    const message = sample("binary", 256 * KIB);
    const frames = Array.from({ length: 32 }, () => ({ opcode: OPCODE.binary, payload: message }));
    const sent = peer.send(...frames);
    for (let i = 0; i < 32; i++) await peer.expectBinary(message);
    await sent;
    await peer.finish();
  },
  extra(256 * KIB),
);

const SCRIPTS: Case[] = [3 * KIB, 64 * KIB, 4 * MIB].map((length) =>
  session(
    `large/scripts-${size(length)}-in-fragments-of-1021`,
    "6455 §8.1",
    "Echoes text of many scripts cut inside characters.",
    async (peer) => {
      const message = scripts(length);
      await peer.sendAll(fragments(OPCODE.text, pieces(message, 1021)));
      await peer.expectText(message);
      await peer.finish();
    },
    extra(length),
  ),
);

/** Messages from 64 KiB to 16 MiB. */
export const large: Case[] = [
  ...KINDS.flatMap((kind) =>
    [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB].map((length) => whole(kind, length)),
  ),
  ...KINDS.flatMap((kind) =>
    [256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB].map((fragment) =>
      fragmented(kind, 4 * MIB, fragment),
    ),
  ),
  ...KINDS.flatMap((kind) => [64, 1000].map((fragment) => fragmented(kind, MIB, fragment))),
  ...KINDS.map((kind) => fragmented(kind, 16 * MIB, 64 * KIB)),
  ...KINDS.flatMap((kind) => [536, 1460, 8191, 64 * KIB].map((segment) => segmented(kind, MIB, segment))),
  ...SCRIPTS,
  MANY,
];
