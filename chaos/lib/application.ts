import type { AppSink } from "./app-sink.ts";
import type { ClientSink, LabClient, Who } from "./target.ts";

/** What the application needs of a server's socket: what Socket.IO's and ours have in common. */
export interface AppSocket {
  readonly id: string;
  readonly handshake: { readonly auth: Record<string, unknown> };
  join(room: string): unknown;
  on(
    event: "say",
    listener: (number: number, ack: (number: number) => void) => Promise<void> | undefined,
  ): unknown;
  once(event: "disconnect", listener: () => void): unknown;
  emit(event: "heard", number: number): unknown;
}

/** And of a server. */
export interface AppServer {
  on(event: "connection", listener: (socket: AppSocket) => void): unknown;
  to(room: string): { emit(event: "said" | "newest", client: number, number: number): unknown };
}

/** And of a client's socket. */
export interface AppClient {
  on(event: "said" | "newest", listener: (client: number, number: number) => void): unknown;
  on(event: "heard", listener: (number: number) => void): unknown;
  emit(event: "say", number: number, ack: () => void): unknown;
  disconnect(): unknown;
}

/** How the application serves. */
export interface AppOptions {
  /** A handler is done after up to so many milliseconds, as if there was a database to ask. Default: at once. */
  readonly workMs?: number;
  /** Rooms are told only what is the newest of each client, some values at a time. */
  readonly isLatestOnly?: boolean;
}

/** How often rooms are told what is the newest, in milliseconds. */
const NEWEST_EVERY_MS = 20;

/** The server's side: what a client says goes to its room, to itself once more, and is acknowledged. */
export function serveApplication(
  io: AppServer,
  { onSay, onTwice }: AppSink,
  { workMs = 0, isLatestOnly = false }: AppOptions = {},
): void {
  const tell = isLatestOnly ? newestTeller(io) : saidTeller(io);
  const here = new Map<string, AppSocket>();
  io.on("connection", (socket) => {
    const { client, room } = socket.handshake.auth as unknown as Who;
    const name = `room ${room}`;
    if (here.has(socket.id)) onTwice(socket.id);
    here.set(socket.id, socket);
    socket.once("disconnect", () => {
      if (here.get(socket.id) === socket) here.delete(socket.id);
    });
    void socket.join(name);
    socket.on("say", (number, ack) => {
      onSay(client, number);
      tell(name, client, number);
      socket.emit("heard", number);
      if (workMs === 0) {
        ack(number);
        return undefined;
      }
      return new Promise<void>((resolve) => void setTimeout(resolve, Math.random() * workMs)).then(() =>
        ack(number),
      );
    });
  });
}

type Tell = (room: string, client: number, number: number) => void;

function saidTeller(io: AppServer): Tell {
  return (room, client, number) => void io.to(room).emit("said", client, number);
}

/** All that has come since the last time is told in one turn: more than a client takes at once. */
function newestTeller(io: AppServer): Tell {
  const values: Parameters<Tell>[] = [];
  const tellAll = (): void => {
    for (const [room, client, number] of values.splice(0)) io.to(room).emit("newest", client, number);
  };
  return (...value) => {
    if (values.push(value) === 1) setTimeout(tellAll, NEWEST_EVERY_MS);
  };
}

/** The client's side. */
export function joinApplication(socket: AppClient, sink: ClientSink): LabClient {
  socket.on("said", (client, number) => sink.onSaid(client, number));
  socket.on("newest", (client, number) => sink.onSaid(client, number));
  socket.on("heard", (number) => sink.onHeard(number));
  const onAck = (): void => sink.onAck();
  return {
    say: (number) => void socket.emit("say", number, onAck),
    close: () => void socket.disconnect(),
  };
}
