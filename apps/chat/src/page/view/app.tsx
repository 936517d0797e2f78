import { useSignal } from "@preact/signals";
import type { Chat } from "../chat.ts";
import { Composer } from "./composer.tsx";
import { MessageLog } from "./message-log.tsx";
import { NameForm } from "./name-form.tsx";
import { Panel } from "./panel.tsx";
import { PeopleList } from "./people-list.tsx";
import { RoomHeader } from "./room-header.tsx";
import { Sidebar } from "./sidebar.tsx";
import { narrow, slim } from "./widths.ts";

/** Which of the panels that do not fit on a narrow window is open on top of the conversation. */
type Drawer = "rooms" | "people" | "name" | undefined;

export function App({ chat }: { chat: Chat }) {
  const drawer = useSignal<Drawer>(undefined);
  const close = () => (drawer.value = undefined);
  if (chat.name.value === undefined) return <Welcome chat={chat} />;
  return (
    <>
      <a class="skip-link" href="#message" onClick={focusMessage}>
        Skip to the message box
      </a>
      <div class="layout">
        <Panel
          side="left"
          label="Rooms"
          floating={narrow.value}
          open={drawer.value === "rooms"}
          onClose={close}
        >
          <Sidebar chat={chat} onChosen={close} onRename={() => (drawer.value = "name")} />
        </Panel>
        <main class="conversation">
          <RoomHeader
            chat={chat}
            onRooms={narrow.value ? () => (drawer.value = "rooms") : undefined}
            onPeople={slim.value ? () => (drawer.value = "people") : undefined}
          />
          <MessageLog chat={chat} key={`log-${chat.room.value}`} />
          <Composer chat={chat} key={`composer-${chat.room.value}`} />
        </main>
        <Panel
          side="right"
          label="People"
          floating={slim.value}
          open={drawer.value === "people"}
          onClose={close}
        >
          <PeopleList chat={chat} />
        </Panel>
      </div>
      <Panel side="middle" label="Your name" floating open={drawer.value === "name"} onClose={close}>
        <div class="rename">
          <h2>Change your name</h2>
          <NameForm
            initial={chat.name.value}
            action="Save"
            onName={(name) => {
              chat.rename(name);
              close();
            }}
          />
        </div>
      </Panel>
    </>
  );
}

/** What a newcomer sees: one question, then the room. */
function Welcome({ chat }: { chat: Chat }) {
  return (
    <main class="welcome">
      <div class="welcome-card">
        <img class="brand-mark" src="/favicon.svg" alt="" width="44" height="44" />
        <h1>Switchboard chat</h1>
        <p>
          You are about to join <strong>#{chat.room}</strong>. What should people call you?
        </p>
        <NameForm initial="" action="Join the conversation" onName={(name) => chat.rename(name)} />
      </div>
    </main>
  );
}

/** The address carries the room, so the link must not change it. */
function focusMessage(event: Event): void {
  event.preventDefault();
  document.getElementById("message")?.focus();
}
