import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Chat } from "../chat.ts";
import type { Row } from "../rows.ts";
import { DownIcon } from "./icons.tsx";
import { MessageGroup } from "./message-group.tsx";
import { dayName, dayStamp } from "./times.ts";

/** Nearer to the end than this counts as being there: the view then follows new messages. */
const NEAR_END_PX = 48;

/** The conversation of one room. Follows its end, unless its reader has gone back to read. */
export function MessageLog({ chat }: { chat: Chat }) {
  const rows = chat.rows.value;
  const log = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const seen = useRef(countMessages(rows));
  const missed = useSignal(0);
  const total = countMessages(rows);
  const ownLast = endsWithOwn(rows);

  const toEnd = (): void => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  };
  useLayoutEffect(() => {
    const added = total - seen.current;
    seen.current = total;
    if (following.current || (added > 0 && ownLast)) toEnd();
    else if (added > 0) missed.value += added;
  }, [rows]);
  useEffect(() => {
    // The message box grows, a keyboard slides in: what was in view at the end stays in view.
    const observer = new ResizeObserver(() => following.current && toEnd());
    if (log.current !== null) observer.observe(log.current);
    return () => observer.disconnect();
  }, []);

  const onScroll = (): void => {
    const element = log.current;
    if (element === null) return;
    following.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    if (following.current) missed.value = 0;
  };
  return (
    <div class="log-frame">
      <div
        ref={log}
        class="log"
        role="log"
        aria-live="polite"
        aria-label={`Messages in ${chat.room.value}`}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div class="log-content">
          {rows.length === 0 ? (
            <EmptyRoom chat={chat} />
          ) : (
            rows.map((row) => <RowView key={row.key} row={row} chat={chat} />)
          )}
        </div>
      </div>
      {missed.value > 0 && (
        <button type="button" class="missed-button" onClick={toEnd}>
          {missed.value === 1 ? "1 new message" : `${missed.value} new messages`}
          <DownIcon />
        </button>
      )}
    </div>
  );
}

function RowView({ row, chat }: { row: Row; chat: Chat }) {
  if (row.kind === "group") return <MessageGroup group={row} onDiscard={(id) => chat.discard(id)} />;
  if (row.kind === "gap") return <p class="gap">Some messages from while you were away are not kept.</p>;
  return (
    <h2 class="day">
      <time dateTime={dayStamp(row.at)}>{dayName(row.at, Date.now())}</time>
    </h2>
  );
}

function EmptyRoom({ chat }: { chat: Chat }) {
  if (!chat.entered.value) {
    const reason = chat.refusal.value;
    return (
      <div class="empty">
        {reason === undefined ? <p>Opening the room…</p> : <p role="alert">{reason}</p>}
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>Nobody has said anything in #{chat.room} yet</h2>
      <p>Write the first message below, or share this page’s address: whoever opens it comes to this room.</p>
    </div>
  );
}

function countMessages(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + (row.kind === "group" ? row.messages.length : 0), 0);
}

function endsWithOwn(rows: readonly Row[]): boolean {
  const last = rows.at(-1);
  return last?.kind === "group" && last.own;
}
