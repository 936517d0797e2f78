import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { MAX_NAME_LENGTH } from "../../shared/limits.ts";
import { cleanName } from "../../shared/text.ts";

interface NameFormProps {
  readonly initial: string;
  readonly action: string;
  readonly onName: (name: string) => void;
}

export function NameForm({ initial, action, onName }: NameFormProps) {
  const input = useRef<HTMLInputElement>(null);
  const problem = useSignal("");
  const id = useId();

  const submit = (event: Event): void => {
    event.preventDefault();
    const name = cleanName(input.current?.value ?? "");
    if (name === undefined) {
      problem.value = `Please choose a name of 1 to ${MAX_NAME_LENGTH} visible characters.`;
      input.current?.focus();
    } else {
      onName(name);
    }
  };
  return (
    <form class="name-form" onSubmit={submit} noValidate>
      <label for={id}>Your name</label>
      <input
        ref={input}
        id={id}
        type="text"
        defaultValue={initial}
        autofocus
        autocomplete="nickname"
        spellcheck={false}
        aria-invalid={problem.value !== ""}
        aria-describedby={`${id}-problem`}
        onInput={() => (problem.value = "")}
      />
      <p id={`${id}-problem`} class="problem" role="alert">
        {problem}
      </p>
      <button type="submit" class="primary-button">
        {action}
      </button>
    </form>
  );
}
