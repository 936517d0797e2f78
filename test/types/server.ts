/** Compiled with everything else, never run: what typed events must allow, and what they must refuse. */
import * as valibot from "valibot";
import * as zod from "zod";
import {
  type BroadcastOperator,
  type DefaultEvents,
  type DefaultEventsMap,
  type DisconnectReason,
  type Event,
  EventError,
  type ExtendedError,
  LocalAdapter,
  type Namespace,
  type RemoteSocket,
  Server,
  type ServerOptions,
  type Socket,
  type StandardSchema,
} from "../../src/index.ts";
import { same } from "./same.ts";

interface ClientToServer {
  say: (text: string, ack: (id: number) => void) => void;
  typing: () => void;
  upload: (bytes: Uint8Array, name: string) => void;
  rename: (name: string) => void;
  message: (text: string) => void;
}

interface ServerToClient {
  said: (from: string, text: string) => void;
  ask: (question: string, ack: (answer: boolean) => void) => void;
  bare: () => void;
  message: (text: string) => void;
}

interface NodeToNode {
  reload: (what: string) => void;
  load: (ack: (percent: number) => void) => void;
}

interface Data {
  name: string;
}

/** Limits by the name of an event are those of events that there are. */
export const limited: readonly unknown[] = [
  new Server<ClientToServer>({ rateLimits: { events: { say: { perSecond: 2, burst: 5 } } } }),
  // @ts-expect-error it is `say`
  new Server<ClientToServer>(3000, { rateLimits: { events: { sya: { perSecond: 2 } } } }),
  // @ts-expect-error the rate is missing
  new Server<ClientToServer>({ rateLimits: { connection: { burst: 5 } } }),
  new Server({ rateLimits: { events: { "whatever it is": { perSecond: 2 } } } }).emit("anything", 1),
  { rateLimits: { address: { perSecond: 500 } } } satisfies ServerOptions,
];

export async function server(): Promise<void> {
  const io = new Server<ClientToServer, ServerToClient, NodeToNode, Data>();
  io.on("connection", (socket) => {
    same<typeof socket, Socket<ClientToServer, ServerToClient, NodeToNode, Data>>(true);
    same<typeof socket.data, Data>(true);
  });
  io.joinRule(/^project:/, (socket, room) => socket.data.name === room);
  io.of(/x/).joinRule("a", async (socket) => Promise.resolve(socket.recovered));
  // @ts-expect-error it says nothing
  io.joinRule("a", () => {});
  io.of("/admin").on("connection", (socket) => void socket.join(["a", "b"]));
  io.on("handler_error", (error, context) => {
    same<typeof error, unknown>(true);
    same<typeof context.socketId, string | undefined>(true);
  });

  io.emit("said", "Ada", "hello");
  io.to("room").except(["a"]).volatile.emit("bare");
  // @ts-expect-error the text is missing
  io.emit("said", "Ada");
  // @ts-expect-error a number is not a text
  io.to("room").emit("said", "Ada", 1);
  // @ts-expect-error there is no such event
  io.emit("sad", "Ada", "hello");
  // @ts-expect-error that one comes from clients
  io.emit("typing");
  // @ts-expect-error a room is a string
  io.to(1);
  // @ts-expect-error there is no such event of a server
  io.on("conection", () => {});
  // @ts-expect-error an option that is not there
  new Server({ pingIntervall: 1 }).emit("x");
  new Server({ adapter: () => new LocalAdapter() }).emit("anything", 1, "goes", {});
}

export async function socket(
  socket: Socket<ClientToServer, ServerToClient, NodeToNode, Data>,
): Promise<void> {
  socket.on("say", (text, ack) => {
    same<typeof text, string>(true);
    same<typeof ack, (id: number) => void>(true);
    ack(1);
    // @ts-expect-error an id is a number
    ack("1");
    // @ts-expect-error an id is wanted
    ack();
  });
  socket.once("typing", () => {});
  socket.on("typing", async () => {});
  socket.on("disconnect", (reason, details) => {
    same<typeof details.clean, boolean>(true);
    // @ts-expect-error no such reason
    if (reason === "bored") return;
  });
  // @ts-expect-error there is no such event
  socket.on("sya", () => {});
  // @ts-expect-error that one goes to clients
  socket.on("said", () => {});
  // @ts-expect-error the text is a string
  socket.on("say", (text: number) => void text);

  socket.emit("said", "Ada", "hello");
  socket.emit("ask", "really?", (answer) => same<typeof answer, boolean>(true));
  // @ts-expect-error nobody is asked
  socket.emit("ask", "really?");
  // @ts-expect-error that one comes from clients
  socket.emit("typing");

  const answer = await socket.emitWithAck("ask", "really?");
  same<typeof answer, boolean>(true);
  const inTime = await socket.timeout(1000).emitWithAck("ask", "really?");
  same<typeof inTime, boolean>(true);
  // @ts-expect-error the callback is what the promise stands for
  await socket.emitWithAck("ask", "really?", () => {});
  // @ts-expect-error a question is a string
  await socket.emitWithAck("ask", 1);

  socket.timeout(1000).emit("ask", "really?", (error, late) => {
    same<typeof error, Error | null>(true);
    same<typeof late, boolean>(true);
  });
  // @ts-expect-error behind timeout() an error comes first
  socket.timeout(1000).emit("ask", "really?", (late: boolean) => void late);
  socket.volatile.emit("said", "Ada", "hello");
  // @ts-expect-error the text is missing
  socket.volatile.emit("said", "Ada");
  socket.broadcast.to("room").emit("said", "Ada", "hello");
  socket.volatile.to("room").emit("said", "Ada", "hello");
  socket.compress(false).broadcast.except("room").volatile.emit("bare");
  socket.compress(false).volatile.send("text");
  const ayes = await socket.timeout(1000).to("room").emitWithAck("ask", "really?");
  same<typeof ayes, boolean[]>(true);
  socket.timeout(1000).broadcast.emit("ask", "really?", (error, answers) => {
    same<[typeof error, typeof answers], [Error | null, boolean[]]>(true);
  });
  // @ts-expect-error there is no such event
  socket.volatile.to("room").emit("sad");
  // @ts-expect-error a message is a text
  socket.volatile.send(1);
  // @ts-expect-error there is no such event
  socket.broadcast.emit("sad");

  socket.data.name = "Ada";
  // @ts-expect-error a name is a string
  socket.data.name = 1;
  // @ts-expect-error an id does not change
  socket.id = "x";
}

export async function broadcasts(
  io: Server<ClientToServer, ServerToClient, NodeToNode, Data>,
): Promise<void> {
  io.emit("ask", "really?", (error, answers) => {
    same<[typeof error, typeof answers], [Error | null, boolean[]]>(true);
  });
  io.to("room")
    .timeout(1000)
    .emit("ask", "really?", (error, answers) => {
      same<[typeof error, typeof answers], [Error | null, boolean[]]>(true);
    });
  // @ts-expect-error clients would call what is not there
  io.emit("ask", "really?");
  // @ts-expect-error many answer
  io.emit("ask", "really?", (answer: boolean) => void answer);
  const answers = await io.timeout(1000).emitWithAck("ask", "really?");
  same<typeof answers, boolean[]>(true);
  same<Awaited<ReturnType<typeof io.fetchSockets>>, RemoteSocket<ServerToClient, Data>[]>(true);
  for (const socket of await io.in("room").fetchSockets()) {
    same<typeof socket.data, Data>(true);
    const answer = await socket.timeout(1000).emitWithAck("ask", "really?");
    same<typeof answer, boolean>(true);
    // @ts-expect-error that one comes from clients
    socket.emit("typing");
  }
  same<number, Awaited<ReturnType<typeof io.socketsJoin>>>(true);
  io.send("text");
  // @ts-expect-error a message is a text
  io.send(1);
  // @ts-expect-error there is no such method
  io.sendAll("text");

  io.on("reload", (what) => same<typeof what, string>(true));
  io.serverSideEmit("reload", "all");
  io.serverSideEmit("load", (error, loads) => {
    same<[typeof error, typeof loads], [Error | null, number[]]>(true);
  });
  const loads = await io.of("/admin").serverSideEmitWithAck("load");
  same<typeof loads, number[]>(true);
  // @ts-expect-error nodes do not send that
  io.serverSideEmit("said", "Ada", "hello");
}

export function namespaces(io: Server<ClientToServer, ServerToClient, NodeToNode, Data>): void {
  same<ReturnType<typeof io.of>, unknown>(false);
  const admin = io.of("/admin");
  same<typeof admin, Namespace<ClientToServer, ServerToClient, NodeToNode, Data>>(true);
  admin.use((socket, next) => {
    socket.data.name = String(socket.handshake.auth["name"]);
    next(new Error("no"));
    // @ts-expect-error an error is an Error
    next("no");
  });
  const rooms = io.of(/^\/room/);
  rooms.use(async (_socket, next) => next());
  rooms.on("connection", (socket) => {
    same<typeof socket, Socket<ClientToServer, ServerToClient, NodeToNode, Data>>(true);
    socket.nsp.emit("said", "Ada", socket.nsp.name);
    same<ReturnType<typeof socket.nsp.sockets.get>, typeof socket | undefined>(true);
    socket.use(([name], next) => next(name === "say" ? undefined : new EventError("no", "No.")));
    socket.on("error", (error) => same<typeof error, Error>(true));
    socket.send("text");
    // @ts-expect-error a message is a text
    socket.send();
  });
  io.of((name, auth, next) => {
    same<typeof name, string>(true);
    next(null, auth["token"] === 1);
    // @ts-expect-error yes or no
    next(null);
  });
  io.on("new_namespace", ({ name }) => same<typeof name, string>(true));
}

export function schemas(io: Server<ClientToServer, ServerToClient>): void {
  const text = zod.string();
  const bytes = zod.instanceof(Uint8Array);
  io.validate({ rename: text, say: valibot.string(), upload: [bytes, text] });
  io.of("/admin").validate({ say: [text], rename: zod.coerce.string() });
  io.of(/x/).validate({ typing: [] });
  // @ts-expect-error listeners would get a number
  io.validate({ rename: zod.number() });
  // @ts-expect-error listeners would get a number
  io.validate({ rename: text.transform((value) => value.length) });
  // @ts-expect-error there is no such event
  io.validate({ renam: text });
  // @ts-expect-error two arguments, two schemas
  io.validate({ upload: bytes });
  // @ts-expect-error two arguments, two schemas
  io.validate({ upload: [bytes] });
  // @ts-expect-error in this order
  io.validate({ upload: [text, bytes] });
  // @ts-expect-error not a schema
  io.validate({ rename: "string" });
  const loose: Server = new Server();
  loose.validate({ anything: text, more: [text, zod.number()] });
  const own: StandardSchema<unknown, string> = text;
  io.validate({ rename: own });
}

export function slowReaders(io: Server<ClientToServer, ServerToClient>): void {
  io.backpressure({ events: { said: { policy: "latest-only", key: (name) => name } } });
  io.of("/x").backpressure({ rooms: [{ room: /^v:/, policy: "drop-oldest", keep: 5 }] });
  io.of(/x/).backpressure({ events: { said: "disconnect" } });
  // @ts-expect-error there is no such event
  io.backpressure({ events: { sayd: "disconnect" } });
  // @ts-expect-error there is no such policy
  io.backpressure({ events: { said: "newest" } });
  // @ts-expect-error a key is a string or a number
  io.backpressure({ events: { said: { policy: "latest-only", key: () => ({}) } } });
}

/** As programs for Socket.IO write them. */
export function generics(): void {
  const one: Server<DefaultEvents, DefaultEvents, DefaultEvents, unknown> = new Server();
  one.on("anything from nodes", (...args) => void one.emit("anything", ...args));
  const two: Server<ClientToServer> = new Server<ClientToServer>();
  // What is not said is the same in both directions.
  two.emit("rename", "Ada");
  // @ts-expect-error there is no such event
  two.emit("said", "Ada", "hello");
}

/** The names of types that such programs import, used as they use them. */
export function stockNames(io: Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, Data>): void {
  const guard = (
    socket: Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, Data>,
    next: (error?: ExtendedError) => void,
  ): void => {
    const error: ExtendedError = new Error(`Not you, ${socket.data.name}.`);
    error.data = { code: 7 };
    next(error);
  };
  const check = ([name, ...args]: Event, next: (error?: Error) => void): void => {
    next(name === "say" && args.length > 0 ? undefined : new Error("No."));
  };
  const left = (reason: DisconnectReason, description?: unknown): void => void [reason, description];
  const others: BroadcastOperator<DefaultEventsMap, Data> = io.to("room");
  const namespace: Namespace<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, Data> = io.of(
    "/n",
    (socket) => {
      socket.use(check).on("disconnect", left);
    },
  );
  const options: Partial<ServerOptions> = { allowEIO3: false, serveClient: false, path: "/live" };
  namespace.use(guard);
  others.emit("anything", options);
  io.attach(3000, { pingInterval: 5000, cors: { origin: "*" } });
  // @ts-expect-error that is for the constructor
  io.attach(3000, { connectTimeout: 5000 });
  // @ts-expect-error clients of Socket.IO 2 are not let in
  new Server({ allowEIO3: true }).emit("x");
}

export function untyped(io: Server): void {
  io.on("connection", (socket) => {
    socket.on("anything", (...args) => socket.emit("goes", ...args));
    socket.data.whatever = 1;
  });
}
