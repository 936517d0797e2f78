import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { MAX_TEXT_LENGTH } from "../../shared/limits.ts";
import { cleanText, textProblem } from "../../shared/text.ts";
import type { Chat } from "../chat.ts";
import { SendIcon } from "./icons.tsx";
import { TypingLine } from "./typing-line.tsx";

/** From here on the count of characters is shown. */
const COUNT_FROM = MAX_TEXT_LENGTH * 0.8;

/** Where messages are written. What is typed stays in the box until it can be sent whole. */
export function Composer({ chat }: { chat: Chat }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const length = useSignal(cleanText(chat.drafts.get(chat.room.peek()) ?? "").length);
  const tooLong = length.value > MAX_TEXT_LENGTH;

  // At once, not after the next paint: whoever has gone on to another control by then must keep the focus.
  useLayoutEffect(() => {
    fit(box.current);
    // On a touch screen the focus would bring up the keyboard.
    if (window.matchMedia("(hover: hover)").matches) box.current?.focus();
  }, []);

  const onInput = (): void => {
    const text = box.current?.value ?? "";
    length.value = cleanText(text).length;
    chat.typed(text);
    fit(box.current);
  };
  const send = (event: Event): void => {
    event.preventDefault();
    const element = box.current;
    if (element === null) return;
    const text = cleanText(element.value);
    if (textProblem(text) === undefined) {
      chat.send(text);
      element.value = "";
      onInput();
    }
    element.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes a word, Enter chooses it.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return (
    <form class="composer" onSubmit={send}>
      <TypingLine chat={chat} />
      <div class={tooLong ? "composer-box composer-box-full" : "composer-box"}>
        <label class="visually-hidden" for="message">
          Message to {chat.room}
        </label>
        <textarea
          ref={box}
          id="message"
          rows={1}
          placeholder={`Message #${chat.room.value}`}
          defaultValue={chat.drafts.get(chat.room.peek()) ?? ""}
          aria-invalid={tooLong}
          aria-describedby="message-hint"
          enterkeyhint="send"
          onInput={onInput}
          onKeyDown={onKeyDown}
        />
        <button type="submit" class="send-button" aria-label="Send" disabled={length.value === 0 || tooLong}>
          <SendIcon />
        </button>
      </div>
      <Hint length={length.value} />
    </form>
  );
}

function Hint({ length }: { length: number }) {
  const count = `${length.toLocaleString()} of ${MAX_TEXT_LENGTH.toLocaleString()} characters`;
  if (length > MAX_TEXT_LENGTH) {
    return (
      <p id="message-hint" class="hint problem" role="alert">
        {count}: shorten the message, or send it in parts.
      </p>
    );
  }
  return (
    <p id="message-hint" class="hint">
      {length > COUNT_FROM ? (
        count
      ) : (
        <span class="hint-keys">
          <kbd>Enter</kbd> sends, <kbd>Shift</kbd> + <kbd>Enter</kbd> starts a new line
        </span>
      )}
    </p>
  );
}

/** As high as its text; the style sheet says how high at most. */
function fit(element: HTMLTextAreaElement | null): void {
  if (element === null) return;
  element.style.height = "auto";
  element.style.height = `${element.scrollHeight}px`;
}
