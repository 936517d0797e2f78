import { type Case, session } from "../case.ts";
import { must } from "../../lib/verdict.ts";
import { describe } from "../../lib/wire/describe.ts";
import { closeBody, type Frame, fragments, OPCODE } from "../../lib/wire/frame.ts";
import type { Peer } from "../wire/peer.ts";
import { bytes } from "./samples.ts";

const { text, binary, continuation, ping, pong, close } = OPCODE;

function answered(length: number): Case {
  return session(
    `ping/of-${length}`,
    "6455 §5.5.2",
    `Answers a ping of ${length} bytes with the same bytes.`,
    async (peer) => {
      await peer.send({ opcode: ping, payload: bytes(length) });
      await peer.expectPong(bytes(length));
      await peer.finish();
    },
  );
}

function refused(id: string, sentence: string, ...frames: Frame[]): Case {
  return session(`ping/${id}`, "6455 §5.5", sentence, async (peer) => {
    await peer.send(...frames);
    await peer.expectFailure(1002);
  });
}

/** Only the newest of several pings must be answered (§5.5.3), and pongs come in order. */
async function expectPongs(peer: Peer, count: number): Promise<void> {
  for (let newest = -1; newest < count - 1;) {
    const expected = `a pong for ping ${newest + 1} or a later one, up to ${count - 1}`;
    const received = await peer.next(expected);
    must(received.type === "pong", expected, describe(received));
    const number = Number(received.data.toString());
    must(number > newest && number < count, expected, `a pong for "${received.data.toString()}"`);
    newest = number;
  }
}

function many(count: number): Case {
  return session(
    `ping/many-${count}`,
    "6455 §5.5.3",
    `Answers ${count} pings in order, the newest at least.`,
    async (peer) => {
      await peer.send(...Array.from({ length: count }, (_, i) => ({ opcode: ping, payload: String(i) })));
      await expectPongs(peer, count);
      await peer.finish();
    },
  );
}

function ignored(id: string, sentence: string, ...frames: Frame[]): Case {
  return session(`ping/${id}`, "6455 §5.5.3", sentence, async (peer) => {
    await peer.send(...frames, { opcode: text, payload: "still here" });
    await peer.expectText("still here");
    await peer.finish();
  });
}

/** Pings and pongs. */
export const pings: Case[] = [
  ...[0, 1, 2, 3, 4, 7, 8, 16, 63, 64, 100, 124, 125].map(answered),
  ...[2, 10, 50, 100, 1000].map(many),
  refused("of-126", "Refuses a ping over 125 bytes.", { opcode: ping, payload: bytes(126) }),
  refused("of-65535", "Refuses a ping over 125 bytes.", { opcode: ping, payload: bytes(65535) }),
  refused("of-65536", "Refuses a ping over 125 bytes.", { opcode: ping, payload: bytes(65536) }),
  refused("of-126-announced", "Refuses the length of a ping before its bytes come.", {
    opcode: ping,
    announcedLength: 126n,
  }),
  refused("pong-of-126", "Refuses a pong over 125 bytes.", { opcode: pong, payload: bytes(126) }),
  refused("pong-of-65536", "Refuses a pong over 125 bytes.", { opcode: pong, payload: bytes(65536) }),
  refused("fragmented", "Refuses a ping without FIN.", { opcode: ping, payload: "a", fin: false }),
  refused("fragmented-empty", "Refuses an empty ping without FIN.", { opcode: ping, fin: false }),
  refused(
    "fragmented-and-continued",
    "Refuses a ping in two frames.",
    { opcode: ping, payload: "a", fin: false },
    { opcode: continuation, payload: "b" },
  ),
  refused("pong-fragmented", "Refuses a pong without FIN.", { opcode: pong, payload: "a", fin: false }),
  refused(
    "fragmented-inside-message",
    "Refuses a ping without FIN inside a message.",
    { opcode: text, payload: "a", fin: false },
    { opcode: ping, payload: "p", fin: false },
  ),
  ignored("pong-unsolicited", "Ignores a pong that answers nothing.", { opcode: pong, payload: "unasked" }),
  ignored("pong-unsolicited-empty", "Ignores an empty pong that answers nothing.", { opcode: pong }),
  ignored("pong-unsolicited-125", "Ignores a pong of the largest size.", {
    opcode: pong,
    payload: bytes(125),
  }),
  ignored(
    "pong-unsolicited-100",
    "Ignores a hundred pongs.",
    ...Array.from({ length: 100 }, () => ({ opcode: pong, payload: "x" })),
  ),
  session("ping/pong-then-ping", "6455 §5.5.3", "Answers the ping, not the pong before it.", async (peer) => {
    await peer.send({ opcode: pong, payload: "unasked" }, { opcode: ping, payload: "asked" });
    await peer.expectPong("asked");
    await peer.finish();
  }),
  session("ping/byte-by-byte", "6455 §5.5.2", "Answers a ping that comes byte by byte.", async (peer) => {
    await peer.sendChopped(peer.encode({ opcode: ping, payload: bytes(125) }), 1);
    await peer.expectPong(bytes(125));
    await peer.finish();
  }),
  session("ping/not-utf8", "6455 §5.5.2", "Answers a ping whose bytes are not UTF-8.", async (peer) => {
    await peer.send({ opcode: ping, payload: Buffer.from("fffec080eda080", "hex") });
    await peer.expectPong(Buffer.from("fffec080eda080", "hex"));
    await peer.finish();
  }),
  session(
    "ping/inside-message",
    "6455 §5.4",
    "Answers a ping between fragments before the message ends.",
    async (peer) => {
      await peer.send({ opcode: text, payload: "first, ", fin: false }, { opcode: ping, payload: "now" });
      await peer.expectPong("now");
      await peer.send({ opcode: continuation, payload: "second" });
      await peer.expectText("first, second");
      await peer.finish();
    },
  ),
  session("ping/inside-message-many", "6455 §5.4", "Answers a ping after every fragment.", async (peer) => {
    for (let i = 0; i < 20; i++) {
      await peer.send(
        { opcode: i === 0 ? binary : continuation, payload: bytes(50), fin: false },
        { opcode: ping, payload: `${i}` },
      );
      await peer.expectPong(`${i}`);
    }
    await peer.send({ opcode: continuation });
    await peer.expectBinary(Buffer.concat(Array.from({ length: 20 }, () => bytes(50))));
    await peer.finish();
  }),
  session(
    "ping/inside-message-125",
    "6455 §5.4",
    "Takes the largest ping between fragments in one segment.",
    async (peer) => {
      const [first, last] = fragments(binary, [bytes(300), bytes(200)]);
      await peer.send(first!, { opcode: ping, payload: bytes(125) }, last!);
      await peer.expectPong(bytes(125));
      await peer.expectBinary(Buffer.concat([bytes(300), bytes(200)]));
      await peer.finish();
    },
  ),
  session("ping/pong-inside-message", "6455 §5.4", "Ignores a pong between fragments.", async (peer) => {
    const [first, last] = fragments(text, ["first, ", "second"]);
    await peer.send(first!, { opcode: pong, payload: "unasked" }, last!);
    await peer.expectText("first, second");
    await peer.finish();
  }),
  session("ping/between-messages", "6455 §5.5.2", "Keeps messages in order around a ping.", async (peer) => {
    await peer.send(
      { opcode: text, payload: "one" },
      { opcode: ping, payload: "p" },
      { opcode: text, payload: "two" },
    );
    const came: string[] = [];
    while (came.length < 3) {
      const received = await peer.next('the texts "one" and "two" and a pong');
      must("data" in received, 'the texts "one" and "two" and a pong', describe(received));
      came.push(`${received.type} ${received.data.toString()}`);
    }
    // A pong may overtake a message, so its place is free; the messages' is not.
    const texts = came.filter((one) => one !== "pong p").join(", ");
    must(texts === "text one, text two", "text one, text two", texts);
    await peer.finish();
  }),
  session(
    "ping/before-close",
    "6455 §5.5.2",
    "Answers a ping right before a close, or just the close.",
    async (peer) => {
      await peer.send({ opcode: ping, payload: "last" }, { opcode: close, payload: closeBody(1000) });
      const received = await peer.next("a pong or close 1000");
      if (received.type !== "pong")
        must(received.type === "close", "a pong or close 1000", describe(received));
      else await peer.expectClose([1000]);
    },
  ),
];
