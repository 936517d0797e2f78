import type { Person } from "../shared/contract.ts";
import type { OutboxEntry, OutboxState } from "./outbox.ts";
import type { Timeline } from "./timeline.ts";

/** Messages of one author closer together than this stand under one heading. */
const GROUP_MS = 5 * 60_000;

export interface ShownMessage {
  readonly id: string;
  readonly text: string;
  readonly at: number;
  readonly state: "received" | "sent" | OutboxState;
  readonly reason?: string | undefined;
}

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "gap"; readonly key: string }
  | {
      readonly kind: "group";
      readonly key: string;
      readonly at: number;
      readonly author: Person;
      readonly own: boolean;
      readonly messages: readonly ShownMessage[];
    };

interface Item {
  readonly message: ShownMessage;
  readonly author: Person;
  readonly own: boolean;
  readonly afterGap: boolean;
}

/** The conversation as it is drawn: by day, then by author; what is still on its way stands last. */
export function rowsOf(timeline: Timeline, pending: readonly OutboxEntry[], me: Person): Row[] {
  const rows: Row[] = [];
  let last: Item | undefined;
  let group: ShownMessage[] = [];
  for (const item of items(timeline, pending, me)) {
    const { message, author, own } = item;
    const newDay = last === undefined || !sameDay(last.message.at, message.at);
    if (newDay) rows.push({ kind: "day", key: `day-${message.id}`, at: message.at });
    if (item.afterGap) rows.push({ kind: "gap", key: `gap-${message.id}` });
    if (newDay || item.afterGap || last === undefined || !belongsTo(last, item)) {
      group = [];
      rows.push({ kind: "group", key: message.id, at: message.at, author, own, messages: group });
    }
    group.push(message);
    last = item;
  }
  return rows;
}

function* items(timeline: Timeline, pending: readonly OutboxEntry[], me: Person): Generator<Item> {
  for (const { id, text, at, author } of timeline.messages) {
    const own = author.id === me.id;
    yield {
      message: { id, text, at, state: own ? "sent" : "received" },
      author,
      own,
      afterGap: timeline.gaps.has(id),
    };
  }
  for (const { id, text, typedAt, state, reason } of pending) {
    yield { message: { id, text, at: typedAt, state, reason }, author: me, own: true, afterGap: false };
  }
}

function belongsTo(last: Item, item: Item): boolean {
  return (
    last.author.id === item.author.id &&
    last.author.name === item.author.name &&
    item.message.at - last.message.at < GROUP_MS
  );
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
