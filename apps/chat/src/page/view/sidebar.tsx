import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { MAX_ROOM_NAME_LENGTH } from "../../shared/limits.ts";
import { cleanRoomName } from "../../shared/text.ts";
import type { Chat } from "../chat.ts";
import { Avatar } from "./avatar.tsx";
import { PersonIcon, PlusIcon } from "./icons.tsx";

interface SidebarProps {
  readonly chat: Chat;
  readonly onChosen: () => void;
  readonly onRename: () => void;
}

export function Sidebar({ chat, onChosen, onRename }: SidebarProps) {
  const me = chat.me.value;
  return (
    <div class="sidebar">
      <p class="brand">
        <img class="brand-mark" src="/favicon.svg" alt="" width="26" height="26" />
        Switchboard
      </p>
      <RoomList chat={chat} onChosen={onChosen} />
      <RoomForm chat={chat} onChosen={onChosen} />
      <button type="button" class="me" onClick={onRename}>
        <Avatar person={me} />
        <span class="me-text">
          <span class="me-name" dir="auto" title={me.name}>
            {me.name}
          </span>
          <span class="me-hint">Change name</span>
        </span>
      </button>
    </div>
  );
}

function RoomList({ chat, onChosen }: { chat: Chat; onChosen: () => void }) {
  const current = chat.room.value;
  const listed = chat.rooms.value;
  const rooms = listed.some(({ name }) => name === current)
    ? listed
    : [...listed, { name: current, people: 0 }];
  return (
    <nav class="rooms" aria-labelledby="rooms-title">
      <h2 id="rooms-title" class="panel-title">
        Rooms
      </h2>
      <ul>
        {rooms.map(({ name, people }) => (
          <li key={name}>
            <a
              class="room"
              href={`#${encodeURIComponent(name)}`}
              aria-current={name === current ? "page" : undefined}
              onClick={onChosen}
            >
              <span class="room-sign" aria-hidden="true">
                #
              </span>
              <span class="room-name" dir="auto" title={name}>
                {name}
              </span>
              {people > 0 && (
                <span class="room-people">
                  <PersonIcon />
                  {people}
                  <span class="visually-hidden">{people === 1 ? " person" : " people"}</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function RoomForm({ chat, onChosen }: { chat: Chat; onChosen: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const problem = useSignal("");
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    const room = cleanRoomName(input.current?.value ?? "");
    if (room === undefined || input.current === null) {
      problem.value = `Use 1 to ${MAX_ROOM_NAME_LENGTH} letters, digits, “-” or “_”.`;
      return;
    }
    input.current.value = "";
    chat.enter(room);
    onChosen();
  };
  return (
    <form class="room-form" onSubmit={submit} noValidate>
      <label class="visually-hidden" for={id}>
        Join or create a room
      </label>
      <div class="field-with-button">
        <input
          ref={input}
          id={id}
          type="text"
          placeholder="Join or create a room"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={problem.value !== ""}
          aria-describedby={`${id}-problem`}
          onInput={() => (problem.value = "")}
        />
        <button type="submit" class="icon-button" aria-label="Go to the room">
          <PlusIcon />
        </button>
      </div>
      <p id={`${id}-problem`} class="problem" role="alert">
        {problem}
      </p>
    </form>
  );
}
