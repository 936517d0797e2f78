import { BRIEF_MS } from "./settings.ts";

/** What the README asks of a server under test, for any server with Socket.IO's vocabulary. */

type Listener = (...args: unknown[]) => void;
type Rooms = string | string[];

interface Target {
  to(rooms: Rooms): Target;
  except(rooms: Rooms): Target;
  emit(name: string, ...args: unknown[]): unknown;
}

export interface ContractSocket {
  readonly id: string;
  readonly handshake: { readonly auth: unknown };
  readonly rooms: ReadonlySet<string>;
  readonly broadcast: Target;
  readonly volatile: { emit(name: string, ...args: unknown[]): unknown };
  on(name: string, listener: Listener): unknown;
  emit(name: string, ...args: unknown[]): unknown;
  timeout(ms: number): { emit(name: string, ...args: unknown[]): unknown };
  join(rooms: Rooms): unknown;
  leave(room: string): unknown;
  to(room: string): Target;
  disconnect(close: boolean): unknown;
}

export interface ContractNamespace extends Target {
  on(name: "connection", listener: (socket: ContractSocket) => void): unknown;
}

export interface ContractServer {
  of(name: string): ContractNamespace;
}

interface GuardedNamespace extends ContractNamespace {
  use(check: (socket: ContractSocket, next: (error?: Error) => void) => void): unknown;
}

/** Namespaces that anyone may join. */
const NAMESPACES = ["/", "/custom", "/hall"];

export function fulfil(io: ContractServer): void {
  for (const name of NAMESPACES) serve(io.of(name));
}

/** `/guarded`, for servers with middleware. */
export function guard(namespace: GuardedNamespace): void {
  namespace.use((socket, next) => {
    const { token } = socket.handshake.auth as { token?: unknown };
    if (token === "open sesame") return next();
    const error = new Error("Not authorized");
    next(token === "bare" ? error : Object.assign(error, { data: { code: "E_TOKEN", retry: false } }));
  });
  serve(namespace);
}

function serve(namespace: ContractNamespace): void {
  namespace.on("connection", (socket) => {
    serveMessages(socket);
    serveRooms(socket, namespace);
    socket.on("kick", (close) => socket.disconnect(close === true));
    socket.on("disconnect", (reason) => namespace.to(`watch-${socket.id}`).emit("left", socket.id, reason));
    socket.emit("auth", socket.handshake.auth);
  });
}

function serveMessages(socket: ContractSocket): void {
  const answered: Listener = (...answer) => socket.emit("answered", ...answer);
  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("7", (...args) => socket.emit("seven-back", ...args));
  socket.on("volatile", (...args) => socket.volatile.emit("volatile-back", ...args));
  socket.on("message-with-ack", (...args) => (args.pop() as Listener)(...args));
  socket.on("ack-twice", (ack) => {
    (ack as Listener)("first");
    (ack as Listener)("second");
  });
  socket.on("ask", (...args) => socket.emit("question", ...args, answered));
  socket.on("ask-briefly", (...args) => {
    socket.timeout(BRIEF_MS).emit("question", ...args, (error: unknown, ...answer: unknown[]) => {
      if (error) socket.emit("unanswered");
      else answered(...answer);
    });
  });
  socket.on("count", (limit) => {
    for (let i = 0; i < Number(limit); i++) socket.emit("counted", i);
  });
  socket.on("polluted", (key, ack) => (ack as Listener)(String(key) in {}));
}

interface Receivers {
  from: "socket" | "namespace";
  to: string[];
  except: string[];
}

function serveRooms(socket: ContractSocket, namespace: ContractNamespace): void {
  socket.on("join", (rooms, ack) => {
    socket.join(rooms as Rooms);
    (ack as Listener)();
  });
  socket.on("leave", (room, ack) => {
    socket.leave(room as string);
    (ack as Listener)();
  });
  socket.on("rooms", (ack) => (ack as Listener)([...socket.rooms].toSorted()));
  socket.on("send", (receivers, ...args) => {
    const ack = args.pop() as Listener;
    const { from, to, except } = receivers as Receivers;
    const sender = from === "socket" ? socket.broadcast : namespace;
    sender
      .to(to)
      .except(except)
      .emit("sent", ...args);
    ack();
  });
  socket.on("mixed", (room) => {
    socket.emit("mixed-back", 1);
    namespace.to(room as string).emit("mixed-back", 2);
    socket.emit("mixed-back", 3);
    namespace.to(room as string).emit("mixed-back", 4);
    socket.to(room as string).emit("mixed-back", "others");
    socket.emit("mixed-back", 5);
  });
}
