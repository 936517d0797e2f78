import type { Chat } from "../chat.ts";

/** Who is typing, in a line that is always there so that nothing jumps. */
export function TypingLine({ chat }: { chat: Chat }) {
  const names = chat.typing.value.map(({ name }) => name);
  return (
    <p class="typing" role="status" data-active={names.length > 0}>
      {names.length > 0 && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {sentence(names)}
        </>
      )}
    </p>
  );
}

function sentence([first = "", second = "", ...rest]: readonly string[]): string {
  if (second === "") return `${first} is typing…`;
  if (rest.length === 0) return `${first} and ${second} are typing…`;
  return `${first}, ${second} and ${rest.length === 1 ? "one more" : `${rest.length} more`} are typing…`;
}
