import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { WebSocket } from "switchboard/websocket";
import { SEND_PACE } from "../../../apps/chat/src/server/limits.ts";
import type { ChatMessage, JoinReply, Presence, Refusal } from "../../../apps/chat/src/shared/contract.ts";
import { HISTORY_LENGTH, MAX_TEXT_LENGTH } from "../../../apps/chat/src/shared/limits.ts";
import { ask, ChatHarness, type Guest, type Member, nextMessage, say, sessionOf } from "./harness.ts";

describe("the chat's server", () => {
  let chat: ChatHarness;
  beforeEach(async () => {
    chat = await ChatHarness.start();
  });
  afterEach(() => chat.close());

  it("brings a message to the others of its room, and to nobody else", async () => {
    const ada = await chat.join("Ada");
    const grace = await chat.join("Grace");
    const alan = await chat.join("Alan", "coffee");
    const strays: ChatMessage[] = [];
    for (const socket of [ada, alan]) socket.on("message", (message) => strays.push(message));

    const received = nextMessage(grace);
    const sent = await say(ada, "Hello");
    const message = await received;
    assert.equal(message.text, "Hello");
    assert.deepEqual(message.author, { id: ada.joined.you.id, name: "Ada" });
    assert.deepEqual(sent, { ok: true, at: message.at });

    // What comes after it on the same connections has overtaken nothing.
    await Promise.all([say(grace, "x", { room: "help" }), say(alan, "y", { room: "help" })]);
    assert.deepEqual(strays, []);
  });

  it("takes a message once however often it is sent, and answers each time the same", async () => {
    const ada = await chat.join("Ada");
    const grace = await chat.join("Grace");
    const texts: string[] = [];
    grace.on("message", ({ text }) => texts.push(text));
    const id = "the-same-id-each-time";
    const replies = [await say(ada, "once", { id }), await say(ada, "once", { id })];
    const again = await chat.join("Ada");
    replies.push(await say(again, "once", { id }));
    assert.deepEqual(replies, [replies[0], replies[0], replies[0]]);
    assert.equal(replies[0]?.ok, true);

    const last = new Promise<void>((resolve) =>
      grace.on("message", ({ text }) => text === "end" && resolve()),
    );
    await say(ada, "end");
    await last;
    assert.deepEqual(texts, ["once", "end"]);
  });

  it("keeps others from taking over a message's id", async () => {
    const ada = await chat.join("Ada");
    const grace = await chat.join("Grace");
    const id = "an-id-that-is-adas";
    await say(ada, "mine", { id });
    const reply = (await say(grace, "not mine", { id })) as Refusal;
    assert.equal(reply.code, "id-taken");
  });

  it("gives whoever joins the last messages, oldest first", async () => {
    const texts = Array.from({ length: HISTORY_LENGTH + 5 }, (_, index) => `message ${index}`);
    // Fresh connections, because each may send only so many at once.
    for (let start = 0; start < texts.length; start += SEND_PACE.burst) {
      const author = await chat.join("Ada");
      for (const text of texts.slice(start, start + SEND_PACE.burst)) {
        assert.equal((await say(author, text)).ok, true);
      }
    }
    const { history } = (await chat.join("Grace")).joined;
    assert.deepEqual(
      history.map(({ text }) => text),
      texts.slice(-HISTORY_LENGTH),
    );
    assert.ok(history.every(({ at }, index) => index === 0 || at > (history[index - 1]?.at ?? 0)));
  });

  it("counts a person with two tabs once, and until the last one closes", async () => {
    const ada = await chat.join("Ada");
    const first = await chat.join("Grace");
    const second = await chat.join("Grace");
    assert.deepEqual(names(second.joined.presence), ["Ada", "Grace"]);
    assert.equal(second.joined.rooms.find(({ name }) => name === "lobby")?.people, 2);

    first.disconnect();
    await say(ada, "still two");
    assert.deepEqual(names((await chat.join("Alan")).joined.presence), ["Ada", "Grace", "Alan"]);
    const gone = presenceWhere(ada, ({ list }) => list.every(({ name }) => name !== "Grace"));
    second.disconnect();
    assert.deepEqual(names(await gone), ["Ada", "Alan"]);
  });

  it("tells two people of one name apart", async () => {
    const one = await chat.join("Ada");
    const other = await chat.connect();
    const reply = await ask(other, "join", {
      name: "Ada",
      room: "lobby",
      session: sessionOf("another Ada").replace(" ", "-"),
    });
    const { you, presence } = reply as Extract<JoinReply, { ok: true }>;
    assert.notEqual(you.id, one.joined.you.id);
    assert.equal(presence.count, 2);
  });

  it("moves and renames whoever joins again", async () => {
    const ada = await chat.join("Ada");
    const grace = await chat.join("Grace");
    const renamed = presenceWhere(ada, (presence) => names(presence).includes("Grace H."));
    await ask(grace, "join", { name: "Grace H.", room: "lobby", session: sessionOf("Grace") });
    await renamed;
    const left = presenceWhere(ada, ({ count }) => count === 1);
    await ask(grace, "join", { name: "Grace H.", room: "coffee", session: sessionOf("Grace") });
    await left;
    const reached = nextMessage(grace);
    await say(ada, "not for those who left");
    await say(ada, "for the coffee room", { room: "coffee" });
    assert.equal((await reached).text, "for the coffee room");
  });

  it("tells the others who is typing", async () => {
    const ada = await chat.join("Ada");
    const grace = await chat.join("Grace");
    const notice = new Promise((resolve) => ada.once("typing", (...args) => resolve(args)));
    grace.emit("typing", true);
    assert.deepEqual(await notice, ["lobby", grace.joined.you, true]);
  });

  it("carries markup untouched, as text", async () => {
    const ada = await chat.join("Ada");
    const grace = await chat.join("Grace");
    const text = `<img src=x onerror=alert(1)> <script>alert("1")</script> & "it's"`;
    const received = nextMessage(grace);
    await say(ada, text);
    assert.equal((await received).text, text);
  });

  it("refuses what is too long, and goes on", async () => {
    const ada = await chat.join("Ada");
    const grace = await chat.join("Grace");
    const reply = (await say(ada, "x".repeat(900_000))) as Refusal;
    assert.equal(reply.code, "too-long");
    assert.match(reply.reason, new RegExp(`at most ${MAX_TEXT_LENGTH} .* has 900000`));
    const received = nextMessage(grace);
    assert.equal((await say(ada, "x".repeat(MAX_TEXT_LENGTH))).ok, true);
    assert.equal((await received).text.length, MAX_TEXT_LENGTH);
  });

  it("closes with 1009 on a message of more than a megabyte, and goes on for the others", async () => {
    const ada = await chat.join("Ada");
    const grace = await chat.join("Grace");
    const code = await new Promise<number>((resolve, reject) => {
      const intruder = new WebSocket(
        `${chat.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`,
      );
      intruder.on("error", reject);
      intruder.on("close", (closeCode) => resolve(closeCode));
      intruder.on("open", () =>
        intruder.send(`42${JSON.stringify(["send", { text: "x".repeat(1_000_001) }])}`),
      );
    });
    assert.equal(code, 1009);
    const received = nextMessage(grace);
    await say(ada, "still here");
    assert.equal((await received).text, "still here");
  });

  it("refuses nonsense with a sentence", async () => {
    const ada = await chat.join("Ada");
    const id = "a-valid-message-id";
    const session = sessionOf("x");
    const nonsense: [event: string, ...args: unknown[]][] = [
      ["send", null],
      ["send", 7],
      ["send", ["text"]],
      ["send", {}],
      ["send", { id, room: "lobby" }],
      ["send", { id, room: "lobby", text: 7 }],
      ["send", { id, room: "lobby", text: " \n " }],
      ["send", { id, room: "lobby", text: "a\u0000b" }],
      ["send", { id, room: "lobby", text: "a\u202Eb" }],
      ["send", { id, room: "no/room", text: "x" }],
      ["send", { id: "short", room: "lobby", text: "x" }],
      ["send", { id: { toString: 1 }, room: "lobby", text: "x" }],
      ["join", { room: "lobby", name: "Ada" }],
      ["join", { room: "lobby", name: "", session }],
      ["join", { room: "lobby", name: "x".repeat(33), session }],
      ["join", { room: "x".repeat(33), name: "Ada", session }],
      ["join", { room: "__proto__ ", name: ["Ada"], session }],
    ];
    for (const [event, ...args] of nonsense) {
      const reply = (await ask(await chat.join("Bea"), event, ...args)) as Refusal;
      const given = JSON.stringify([event, ...args]);
      assert.equal(reply.ok, false, given);
      assert.equal(reply.code, "invalid", given);
      assert.match(reply.reason, /\.$/, given);
    }
    assert.equal((await say(ada, "still here")).ok, true);
  });

  it("needs no acknowledgement, and takes any arguments", async () => {
    const ada = await chat.join("Ada");
    const guest = ada as unknown as Guest;
    const shapes: unknown[][] = [[], [null], [{}], ["a", "b"], [1, 2, 3], [{ id: 1 }, "not a function"]];
    for (const event of ["join", "send", "typing", "unheard-of"]) {
      for (const args of shapes) guest.emit(event, ...(args as never[]));
    }
    assert.equal((await say(await chat.join("Grace"), "still here")).ok, true);
    assert.equal(ada.connected, true);
  });

  it("wants to know who sends", async () => {
    const stranger = await chat.connect();
    const reply = (await say(stranger, "hello")) as Refusal;
    assert.equal(reply.code, "unknown-person");
  });

  it("slows down whoever sends too fast, and says for how long", async () => {
    const ada = await chat.join("Ada");
    const burst = Array.from({ length: SEND_PACE.burst * 3 }, (_, index) => say(ada, `message ${index}`));
    const replies = await Promise.all(burst);
    const refused = replies.filter((reply): reply is Refusal => !reply.ok);
    assert.ok(refused.length > 0 && refused.length <= SEND_PACE.burst * 2);
    for (const { code, retryAfterMs } of refused) {
      assert.equal(code, "busy");
      assert.ok(retryAfterMs !== undefined && retryAfterMs > 0 && retryAfterMs <= 1000 / SEND_PACE.perSecond);
    }
  });
});

function names({ list }: Presence): string[] {
  return list.map(({ name }) => name);
}

function presenceWhere(socket: Member, matches: (presence: Presence) => boolean): Promise<Presence> {
  return new Promise((resolve) => {
    const listener = (_room: string, presence: Presence): void => {
      if (!matches(presence)) return;
      socket.off("presence", listener);
      resolve(presence);
    };
    socket.on("presence", listener);
  });
}
