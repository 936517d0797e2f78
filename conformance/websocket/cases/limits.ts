import { type Case, session, type Settings } from "../case.ts";
import { NotApplicable } from "../../lib/verdict.ts";
import { deflateMessage } from "../wire/deflate.ts";
import type { DeflateWish } from "../wire/extension.ts";
import { fragments, OPCODE, pieces } from "../../lib/wire/frame.ts";
import type { Peer } from "../wire/peer.ts";
import { bytes } from "./samples.ts";

const { binary, continuation } = OPCODE;
const LARGEST_BOMB = 256 * 1024 * 1024;

function limit({ maxPayloadBytes }: Settings): number {
  if (maxPayloadBytes === undefined) throw new NotApplicable("no --max-payload was given");
  return maxPayloadBytes;
}

function limited(
  name: string,
  sentence: string,
  run: (peer: Peer, maxBytes: number) => Promise<void>,
  wish?: DeflateWish,
): Case {
  const extra = { heavy: true, timeoutMs: 30_000, ...(wish && { wish }) };
  return session(
    `limits/${name}`,
    "6455 §10.4",
    sentence,
    (peer, settings) => run(peer, limit(settings)),
    extra,
  );
}

/** Zeros that inflate to a hundred times the limit. */
function bomb(maxBytes: number): Buffer {
  return deflateMessage(Buffer.alloc(Math.min(maxBytes * 100, LARGEST_BOMB)));
}

/** What a server does with messages over the limit it was configured with; only when `--max-payload` is given. */
export const limits: Case[] = [
  limited("exact", "Takes a message of exactly the limit.", async (peer, maxBytes) => {
    await peer.send({ opcode: binary, payload: bytes(maxBytes) });
    await peer.expectBinary(bytes(maxBytes));
    await peer.finish();
  }),
  limited("exact-in-fragments", "Takes fragments that add up to the limit.", async (peer, maxBytes) => {
    await peer.sendAll(fragments(binary, pieces(bytes(maxBytes), Math.ceil(maxBytes / 10))));
    await peer.expectBinary(bytes(maxBytes));
    await peer.finish();
  }),
  limited("over", "Closes with 1009 on a message of one byte more.", async (peer, maxBytes) => {
    await peer.send({ opcode: binary, payload: bytes(maxBytes + 1) });
    await peer.expectFailure(1009);
  }),
  limited(
    "over-announced",
    "Closes with 1009 as soon as the length is announced.",
    async (peer, maxBytes) => {
      await peer.send({ opcode: binary, announcedLength: BigInt(maxBytes + 1) });
      await peer.expectFailure(1009);
    },
  ),
  limited("over-in-fragments", "Closes with 1009 when fragments add up to more.", async (peer, maxBytes) => {
    await peer.sendAll(fragments(binary, pieces(bytes(maxBytes + 1), Math.ceil(maxBytes / 10))));
    await peer.expectFailure(1009);
  }),
  limited(
    "over-in-fragments-announced",
    "Counts an announced fragment to those that came.",
    async (peer, maxBytes) => {
      await peer.send(
        { opcode: binary, payload: bytes(maxBytes), fin: false },
        { opcode: continuation, announcedLength: 1n },
      );
      await peer.expectFailure(1009);
    },
  ),
  limited(
    "bomb",
    "Closes with 1009 on a small message that inflates to a huge one.",
    async (peer, maxBytes) => {
      await peer.send({ opcode: binary, payload: bomb(maxBytes), rsv: 4 });
      await peer.expectFailure(1009);
    },
    {},
  ),
  limited(
    "bomb-in-fragments",
    "Closes with 1009 on a bomb in fragments.",
    async (peer, maxBytes) => {
      await peer.sendAll(fragments(binary, pieces(bomb(maxBytes), 100), 4));
      await peer.expectFailure(1009);
    },
    {},
  ),
  limited(
    "over-inflated",
    "Closes with 1009 on a message that inflates to one byte more.",
    async (peer, maxBytes) => {
      await peer.sendCompressed("binary", Buffer.alloc(maxBytes + 1));
      await peer.expectFailure(1009);
    },
    {},
  ),
  limited(
    "exact-inflated",
    "Takes a message that inflates to exactly the limit.",
    async (peer, maxBytes) => {
      await peer.sendCompressed("binary", Buffer.alloc(maxBytes));
      await peer.expectBinary(Buffer.alloc(maxBytes));
      await peer.finish();
    },
    {},
  ),
];
