/** Compiled with everything else, never run: what typed events must allow, and what they must refuse. */
import connectAsDefault, {
  type AckError,
  connect,
  type ConnectError,
  io,
  Manager,
  protocol,
  type Socket,
} from "../../src/client/node.ts";
import { same } from "./same.ts";

interface ServerToClient {
  said: (from: string, text: string) => void;
  ask: (question: string, ack: (answer: boolean) => void) => void;
}

interface ClientToServer {
  say: (text: string, ack: (id: number) => void) => void;
  typing: () => void;
}

export async function client(): Promise<void> {
  const socket: Socket<ServerToClient, ClientToServer> = io("http://localhost", { auth: { token: "x" } });
  same<ReturnType<typeof io<ServerToClient, ClientToServer>>, typeof socket>(true);

  socket.on("said", (from, text) => same<[typeof from, typeof text], [string, string]>(true));
  socket.on("ask", (question, ack) => {
    same<typeof question, string>(true);
    ack(true);
    // @ts-expect-error an answer is yes or no
    ack("perhaps");
  });
  // @ts-expect-error that one goes to the server
  socket.on("typing", () => {});
  // @ts-expect-error a text is a string
  socket.on("said", (from: number) => void from);

  socket.on("connect", () => {});
  socket.on("connect_error", (error) => same<typeof error.message, string>(true));
  socket.on("disconnect", (reason) => {
    // @ts-expect-error no such reason
    if (reason === "bored") return;
  });

  socket.emit("typing").emit("say", "hi", (id) => same<typeof id, number>(true));
  // @ts-expect-error nobody waits for the id
  socket.emit("say", "hi");
  // @ts-expect-error that one comes from the server
  socket.emit("said", "Ada", "hello");
  // @ts-expect-error a text is a string
  socket.emit("say", 1, () => {});

  const id = await socket.emitWithAck("say", "hi");
  same<typeof id, number>(true);
  const inTime = await socket.timeout(5000).emitWithAck("say", "hi");
  same<typeof inTime, number>(true);
  const volatile = await socket.volatile.timeout(1).volatile.timeout(5000).emitWithAck("say", "hi");
  same<typeof volatile, number>(true);
  socket.timeout(5000).emit("say", "hi", (error, given) => {
    same<[typeof error, typeof given], [Error | null, number]>(true);
  });
  // @ts-expect-error behind timeout() an error comes first
  socket.timeout(5000).emit("say", "hi", (given: number) => void given);
  // @ts-expect-error there is no such event
  await socket.emitWithAck("sya", "hi");

  socket.io.on("reconnect_scheduled", (attempt, delayMs) => {
    same<[typeof attempt, typeof delayMs], [number, number]>(true);
  });
  // @ts-expect-error there is no such event of a manager
  socket.io.on("reconect", () => {});

  const plain = io("http://localhost");
  plain.on("anything", (...args) => void plain.emit("goes", ...args));
  // @ts-expect-error an option that is not there
  io("http://localhost", { recconnection: false });
}

export function code(error: AckError): "timeout" | "disconnected" | "buffer_full" {
  return error.code;
}

export function managers(): void {
  const manager = new Manager("http://localhost", { reconnectionDelay: 10, autoUnref: true });
  same<typeof manager, Manager>(true);
  new Manager({ path: "/x" }).open((error) => same<typeof error, Error | undefined>(true)).close();
  // @ts-expect-error an option of a socket, not of its manager
  void new Manager("http://localhost", { auth: {} });
  const socket = manager.socket<ServerToClient, ClientToServer>("/admin", { auth: { token: "x" } });
  same<typeof socket, Socket<ServerToClient, ClientToServer>>(true);
  // @ts-expect-error an option of a manager, not of one of its sockets
  manager.socket("/admin", { reconnection: false });
  same<ReturnType<typeof manager.reconnectionDelay>, typeof manager>(true);
  const delay: number = manager.reconnectionDelay();
  manager
    .reconnectionDelay(delay * 2)
    .reconnection(false)
    .timeout(false)
    .randomizationFactor(0.5);
  // @ts-expect-error it is on or off
  manager.reconnection(1);
  manager.on("close", (reason, details) => {
    if (reason === "ping timeout") return;
    same<typeof details, Error | { readonly description: string; readonly context?: unknown } | undefined>(
      true,
    );
  });
  manager.on("packet", ({ type, nsp }) => same<[typeof type, typeof nsp], [number, string]>(true));
  manager.engine.on("packet", ({ type }) => {
    // @ts-expect-error there is no such packet
    if (type === "pang") return;
  });
  // @ts-expect-error there is no such event of an engine
  manager.engine.on("flush", () => {});
}

export function more(): void {
  same<typeof connect, typeof io>(true);
  same<typeof connectAsDefault, typeof io>(true);
  same<typeof protocol, 5>(true);
  const socket = io.connect<{ message: (text: string) => void }, { message: (text: string) => void }>();
  same<[typeof socket.nsp, typeof socket.disconnected, typeof socket.recovered], [string, boolean, boolean]>(
    true,
  );
  socket.send("hi").send("there");
  // @ts-expect-error a message is a text
  socket.send(1);
  same<[typeof socket.bufferedEvents, typeof socket.bufferedBytes], [number, number]>(true);
  socket.io.on("emit_error", ({ code }, namespace) =>
    same<[typeof code, typeof namespace], [string, string]>(true),
  );
  io({ retries: 3, ackTimeout: 1000, maxBufferedEvents: 10 });
  // @ts-expect-error so often, and not whether
  io({ retries: true });
  // @ts-expect-error it is the server that knows
  socket.recovered = true;
  socket.on("connect_error", (error) => same<typeof error, ConnectError>(true));
  socket.io.socket("/other").io.reconnection(true);
  io({ forceNew: true, multiplex: false, closeOnBeforeunload: true });
  // @ts-expect-error it is yes or no
  io({ forceNew: "yes" });
}
