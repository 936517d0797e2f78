import type { ComponentChildren } from "preact";
import type { Row, ShownMessage } from "../rows.ts";
import { Avatar } from "./avatar.tsx";
import { CheckIcon, ClockIcon, WarningIcon } from "./icons.tsx";
import { clockTime, fullTime } from "./times.ts";

interface MessageGroupProps {
  readonly group: Extract<Row, { kind: "group" }>;
  readonly onDiscard: (id: string) => void;
}

/** What one person said without a pause. */
export function MessageGroup({ group, onDiscard }: MessageGroupProps) {
  const { author, own, at, messages } = group;
  return (
    <article class={own ? "group group-own" : "group"}>
      <Avatar person={author} />
      <div class="group-body">
        <h3 class="group-head">
          <span class="author" dir="auto" title={author.name}>
            {author.name}
          </span>
          {own && <span class="tag">you</span>}
          <time class="clock" dateTime={new Date(at).toISOString()} title={fullTime(at)}>
            {clockTime(at)}
          </time>
        </h3>
        {messages.map((message) => (
          <Message key={message.id} message={message} onDiscard={onDiscard} />
        ))}
      </div>
    </article>
  );
}

function Message({ message, onDiscard }: { message: ShownMessage; onDiscard: (id: string) => void }) {
  const { id, text, state, at } = message;
  return (
    <div class="message" data-state={state} title={fullTime(at)}>
      <p>
        <span class="message-text" dir="auto">
          {text}
        </span>
        <Delivery state={state} />
      </p>
      {state === "failed" && (
        <p class="failed" role="alert">
          {message.reason}{" "}
          <button type="button" class="small-button" onClick={() => onDiscard(id)}>
            Remove
          </button>
        </p>
      )}
    </div>
  );
}

/** How far one of our own messages has come. */
function Delivery({ state }: { state: ShownMessage["state"] }) {
  if (state === "received") return null;
  if (state === "sent") return <Mark label="Sent" icon={<CheckIcon />} />;
  if (state === "failed") return <Mark label="Not sent" icon={<WarningIcon />} visible />;
  return <Mark label="Pending" icon={<ClockIcon />} visible />;
}

function Mark({ label, icon, visible }: { label: string; icon: ComponentChildren; visible?: boolean }) {
  return (
    <span class="mark" title={label}>
      {icon}
      <span class={visible === true ? "mark-label" : "visually-hidden"}>{label}</span>
    </span>
  );
}
