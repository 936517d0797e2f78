import { render } from "preact";
import { io } from "switchboard/client";
import type { ClientToServer, ServerToClient } from "../shared/contract.ts";
import { Chat } from "./chat.ts";
import "./styles/index.css";
import { keepTitle } from "./title.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("chat");
if (root === null) throw new Error("The page has no #chat to draw in.");

const chat = new Chat(io<ServerToClient, ClientToServer>());
keepTitle(chat);
render(<App chat={chat} />, root);
