import type { Message } from "../packets/index.ts";

/** What may wait for the server, unless said: 64 MiB. */
export const MAX_BUFFERED_BYTES: number = 64 * 1024 * 1024;
/** What a message that waits counts for beside its length. */
const WAITING_COST = 64;

/** What a message counts for while it waits. */
export function backlogOf(message: Message): number {
  return message.length + WAITING_COST;
}

const utf8 = /* @__PURE__ */ new TextEncoder();

/** The bytes of a text as UTF-8. */
export function byteLength(text: string): number {
  return utf8.encode(text).length;
}

/** Whether messages are too much beside what waits already. 0 stands for no limit. */
export function isTooMuch(waiting: number, messages: readonly Message[], maxBufferedBytes: number): boolean {
  let size = waiting;
  for (const message of messages) size += backlogOf(message);
  return maxBufferedBytes > 0 && size > maxBufferedBytes;
}
