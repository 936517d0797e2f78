import type { Person } from "../../shared/contract.ts";

/** How many colours the style sheet has (`.hue-0` …). */
const HUES = 8;

/** A person's initial on a colour that stays theirs. Decoration: the name always stands beside it. */
export function Avatar({ person }: { person: Person }) {
  return (
    <span class={`avatar hue-${hueOf(person.name)}`} aria-hidden="true">
      {initialOf(person.name)}
    </span>
  );
}

function initialOf(name: string): string {
  const [first = "?"] = name;
  return first.toUpperCase();
}

/** By name, so that it is the same in every tab and before the server has told our id. */
function hueOf(name: string): number {
  let sum = 7;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9_973;
  return sum % HUES;
}
