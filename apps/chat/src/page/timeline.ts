import type { ChatMessage } from "../shared/contract.ts";
import { HISTORY_LENGTH } from "../shared/limits.ts";

/** Messages a page keeps of one room. */
const MAX_KEPT = 1_000;

/** What a page knows of a room's conversation. Immutable: each step makes a new one. */
export interface Timeline {
  /** In the server's order. */
  readonly messages: readonly ChatMessage[];
  /** Ids of messages before which some are missing: we were away for longer than the server's history. */
  readonly gaps: ReadonlySet<string>;
}

export const EMPTY_TIMELINE: Timeline = { messages: [], gaps: new Set() };

/** Adds a message; one that is already there stays where it is, so a repetition changes nothing. */
export function withMessage(timeline: Timeline, message: ChatMessage): Timeline {
  const { messages, gaps } = timeline;
  if (messages.some(({ id }) => id === message.id)) return timeline;
  const index = messages.findLastIndex(({ at }) => at <= message.at) + 1;
  return { messages: messages.toSpliced(index, 0, message).slice(-MAX_KEPT), gaps };
}

/**
 * Merges the history that came with joining a room. A restarted server has a short history or none:
 * what the page already shows stays, and only what is new is added.
 */
export function withHistory(timeline: Timeline, history: readonly ChatMessage[]): Timeline {
  const known = new Set(timeline.messages.map(({ id }) => id));
  const fresh = history.filter(({ id }) => !known.has(id));
  const [oldest] = fresh;
  if (oldest === undefined) return timeline;
  const missed = known.size > 0 && fresh.length === HISTORY_LENGTH;
  const messages = [...timeline.messages, ...fresh].toSorted((a, b) => a.at - b.at).slice(-MAX_KEPT);
  return { messages, gaps: missed ? new Set([...timeline.gaps, oldest.id]) : timeline.gaps };
}
