import { effect, signal } from "@preact/signals";
import type { Chat } from "./chat.ts";

/** Keeps the window's title: the room, and in front how many messages came while the page was out of sight. */
export function keepTitle(chat: Chat): void {
  const hidden = signal(document.hidden);
  const seen = signal(0);
  document.addEventListener("visibilitychange", () => (hidden.value = document.hidden));
  effect(() => {
    if (!hidden.value) seen.value = chat.received.value;
  });
  effect(() => {
    const unseen = chat.received.value - seen.value;
    document.title = `${unseen > 0 ? `(${unseen}) ` : ""}#${chat.room.value} · Switchboard`;
  });
}
