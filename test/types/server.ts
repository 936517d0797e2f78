/** Compiled with everything else, never run: what typed events must allow, and what they must refuse. */
import { LocalAdapter, Server, type Socket } from "../../src/index.ts";
import { same } from "./same.ts";

interface ClientToServer {
  say: (text: string, ack: (id: number) => void) => void;
  typing: () => void;
  upload: (bytes: Uint8Array, name: string) => void;
}

interface ServerToClient {
  said: (from: string, text: string) => void;
  ask: (question: string, ack: (answer: boolean) => void) => void;
  bare: () => void;
}

interface NodeToNode {
  reload: (what: string) => void;
  load: (ack: (percent: number) => void) => void;
}

interface Data {
  name: string;
}

export async function server(): Promise<void> {
  const io = new Server<ClientToServer, ServerToClient, NodeToNode, Data>();
  io.on("connection", (socket) => {
    same<typeof socket, Socket<ClientToServer, ServerToClient, NodeToNode, Data>>(true);
    same<typeof socket.data, Data>(true);
  });
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
  // @ts-expect-error there is no such event
  socket.broadcast.emit("sad");

  socket.data.name = "Ada";
  // @ts-expect-error a name is a string
  socket.data.name = 1;
  // @ts-expect-error an id does not change
  socket.id = "x";
}

export function untyped(io: Server): void {
  io.on("connection", (socket) => {
    socket.on("anything", (...args) => socket.emit("goes", ...args));
    socket.data.whatever = 1;
  });
}
