import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OutboxEntry } from "../../../apps/chat/src/page/outbox.ts";
import { rowsOf } from "../../../apps/chat/src/page/rows.ts";
import {
  EMPTY_TIMELINE,
  type Timeline,
  withHistory,
  withMessage,
} from "../../../apps/chat/src/page/timeline.ts";
import type { ChatMessage, Person } from "../../../apps/chat/src/shared/contract.ts";
import { HISTORY_LENGTH } from "../../../apps/chat/src/shared/limits.ts";

const ada: Person = { id: "1", name: "Ada" };
const grace: Person = { id: "2", name: "Grace" };
const NOON = new Date(2026, 0, 15, 12).getTime();
const MINUTE = 60_000;

function message(id: string, at: number, author: Person = ada): ChatMessage {
  return { id, at, author, room: "lobby", text: id };
}

function timelineOf(...messages: ChatMessage[]): Timeline {
  let timeline = EMPTY_TIMELINE;
  for (const each of messages) timeline = withMessage(timeline, each);
  return timeline;
}

const idsOf = ({ messages }: Timeline): string[] => messages.map(({ id }) => id);

describe("the timeline", () => {
  it("keeps the server's order, whatever order messages come in", () => {
    assert.deepEqual(idsOf(timelineOf(message("b", 2), message("c", 3), message("a", 1))), ["a", "b", "c"]);
  });

  it("shows a message once, where it first stood", () => {
    const timeline = timelineOf(message("a", 1), message("b", 2));
    assert.equal(withMessage(timeline, message("a", 9)), timeline);
    assert.deepEqual(idsOf(withHistory(timeline, [message("a", 9), message("c", 10)])), ["a", "b", "c"]);
  });

  it("keeps what it shows when a server starts again without history", () => {
    const timeline = timelineOf(message("a", 1), message("b", 2));
    assert.equal(withHistory(timeline, []), timeline);
    const later = withHistory(timeline, [message("c", 3)]);
    assert.deepEqual(idsOf(later), ["a", "b", "c"]);
    assert.equal(later.gaps.size, 0);
  });

  it("marks where messages are missing", () => {
    const history = Array.from({ length: HISTORY_LENGTH }, (_, index) =>
      message(`new-${index}`, 100 + index),
    );
    const seen = withHistory(timelineOf(message("a", 1)), history);
    assert.deepEqual([...seen.gaps], ["new-0"]);
    assert.equal(withHistory(EMPTY_TIMELINE, history).gaps.size, 0);
    assert.equal(withHistory(timelineOf(message("new-0", 100)), history).gaps.size, 0);
    const kinds = rowsOf(seen, [], ada).map(({ kind }) => kind);
    assert.deepEqual(kinds.slice(0, 4), ["day", "group", "gap", "group"]);
  });

  it("forgets the oldest of very many", () => {
    let timeline = EMPTY_TIMELINE;
    for (let at = 0; at < 1_100; at++) timeline = withMessage(timeline, message(`m-${at}`, at));
    assert.equal(timeline.messages.length, 1_000);
    assert.equal(timeline.messages[0]?.id, "m-100");
  });
});

describe("the rows", () => {
  const shape = (rows: ReturnType<typeof rowsOf>): string[] =>
    rows.map((row) =>
      row.kind === "group" ? `${row.author.name}: ${row.messages.map(({ id }) => id).join(" ")}` : row.kind,
    );

  it("stand by author, by pauses and by day", () => {
    const timeline = timelineOf(
      message("a", NOON),
      message("b", NOON + MINUTE),
      message("c", NOON + 2 * MINUTE, grace),
      message("d", NOON + 9 * MINUTE, grace),
      message("e", NOON + 24 * 60 * MINUTE, grace),
    );
    const expected = ["day", "Ada: a b", "Grace: c", "Grace: d", "day", "Grace: e"];
    assert.deepEqual(shape(rowsOf(timeline, [], ada)), expected);
  });

  it("end with what is on its way, as our own", () => {
    const pending: OutboxEntry = {
      id: "p",
      room: "lobby",
      text: "p",
      typedAt: NOON + MINUTE,
      state: "waiting",
    };
    const rows = rowsOf(timelineOf(message("a", NOON)), [pending], ada);
    assert.deepEqual(shape(rows), ["day", "Ada: a p"]);
    const group = rows[1];
    assert.ok(group?.kind === "group" && group.own);
    assert.deepEqual(
      group.messages.map(({ state }) => state),
      ["sent", "waiting"],
    );
  });
});
