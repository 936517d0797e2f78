import type { Chat } from "../chat.ts";
import { Avatar } from "./avatar.tsx";

export function PeopleList({ chat }: { chat: Chat }) {
  const { count, list } = chat.presence.value;
  const me = chat.me.value;
  const typing = new Set(chat.typing.value.map(({ id }) => id));
  const connected = chat.connection.state.value.kind === "connected";
  const sorted = list.toSorted(
    (a, b) => Number(b.id === me.id) - Number(a.id === me.id) || a.name.localeCompare(b.name),
  );
  return (
    <section class={connected ? "people" : "people people-stale"} aria-labelledby="people-title">
      <h2 id="people-title" class="panel-title">
        Here now <span class="count">{count}</span>
      </h2>
      <ul>
        {sorted.map((person) => (
          <li key={person.id} class="person">
            <Avatar person={person} />
            <span class="person-name" dir="auto" title={person.name}>
              {person.name}
            </span>
            {person.id === me.id && <span class="tag">you</span>}
            {typing.has(person.id) && <span class="person-typing">typing…</span>}
          </li>
        ))}
      </ul>
      {count > list.length && <p class="quiet">and {count - list.length} more</p>}
      {!connected && <p class="quiet">As it was when the connection was lost.</p>}
    </section>
  );
}
