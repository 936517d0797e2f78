import type { Chat } from "../chat.ts";
import { ConnectionStatus } from "./connection-status.tsx";
import { MenuIcon, PeopleIcon } from "./icons.tsx";

interface RoomHeaderProps {
  readonly chat: Chat;
  /** Opens the list of rooms, where it is not beside the conversation. */
  readonly onRooms: (() => void) | undefined;
  readonly onPeople: (() => void) | undefined;
}

export function RoomHeader({ chat, onRooms, onPeople }: RoomHeaderProps) {
  const { count } = chat.presence.value;
  const people = count === 1 ? "1 person here" : `${count} people here`;
  return (
    <header class="room-header">
      {onRooms !== undefined && (
        <button type="button" class="icon-button" aria-label="Rooms" aria-haspopup="dialog" onClick={onRooms}>
          <MenuIcon />
        </button>
      )}
      <h1 class="room-title">
        <span class="room-sign" aria-hidden="true">
          #
        </span>
        <span dir="auto" title={chat.room.value}>
          {chat.room}
        </span>
      </h1>
      <ConnectionStatus connection={chat.connection} />
      {onPeople !== undefined && (
        <button
          type="button"
          class="people-button"
          aria-label={people}
          aria-haspopup="dialog"
          onClick={onPeople}
        >
          <PeopleIcon />
          {count}
        </button>
      )}
    </header>
  );
}
