/**
 * `npm run soak -- --scene sockets [--cycles 100000]`: clients of ours come to a server of ours and go, in every way, and leave as much unfinished as they
 * can; the memory of both, which are one process here, must be what it was.
 */
import { createServer } from "node:http";
import { heapBytes } from "../../fuzz/lib/memory.ts";
import { io as connect, type Socket as ClientSocket } from "../../src/client/node.ts";
import { EventError } from "../../src/shared/event-error.ts";
import { Server } from "../../src/sockets/server.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { listen } from "../support/listen.ts";
import { nextOf } from "../support/stock-client.ts";
import { until } from "../support/until.ts";

/** So many at a time. */
const AT_A_TIME = 20;
/** One in so many polls. */
const POLLING_SHARE = 10;
/** Of what nobody answers; nothing may wait for that. */
const NEVER_MS = 3_600_000;

/** What was in use, in bytes, and what the cycles were. */
export interface SocketsReport {
  readonly cycles: number;
  readonly before: number;
  readonly after: number;
  /** How many questions have ended with an error, as each must whose client goes. */
  readonly abandoned: number;
}

type End = "client" | "server" | "session";
const ENDS: readonly End[] = ["client", "server", "session"];
const ignore = (): void => {};

/** Has `warmUp` clients come and go, then `cycles` of them, and says what that has cost. */
export async function churnSockets(warmUp: number, cycles: number): Promise<SocketsReport> {
  const http = createServer();
  const io = new Server(http);
  let abandoned = 0;
  const abandon = (error: unknown): void => {
    if (error !== null) abandoned += 1;
  };
  io.on("handler_error", ignore);
  io.of("/guarded").use((socket, next) => {
    void socket.join("early");
    socket.emit("early", ignore);
    next(new Error("no"));
  });
  for (const target of [io.sockets, io.of(/^\/dynamic-\d+$/)]) {
    target.on("connection", (socket: Socket) => serve(socket, abandon));
  }
  const url = `http://127.0.0.1:${await listen(http)}`;
  const run = async (count: number): Promise<void> => {
    let started = 0;
    const worker = async (): Promise<void> => {
      while (started < count) await cycle(url, (started += 1));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    await until(() => io.engine.clientsCount === 0 && io.sockets.sockets.size === 0);
  };
  try {
    await run(warmUp);
    abandoned = 0;
    const before = await heapBytes();
    await run(cycles);
    return { cycles, before, after: await heapBytes(), abandoned };
  } finally {
    http.closeAllConnections();
    await io.close();
  }
}

/** Asks what will not be answered, of this client and of all. */
function serve(socket: Socket, abandon: (error: unknown) => void): void {
  const room = `room-of-${socket.id}`;
  void socket.join(["all", room]);
  socket.data.name = room;
  socket.emit("ask", ignore);
  socket.timeout(NEVER_MS).emit("ask", abandon);
  socket.nsp.to(room).emit("ask", abandon);
  socket.nsp.to(room).timeout(NEVER_MS).emit("ask", abandon);
  socket.on("echo", (value: number, ack: (same: number) => void) => ack(value));
  socket.on("never", ignore);
  socket.on("fail", () => {
    throw new EventError("no", "No.");
  });
  socket.on("crash", () => {
    throw new Error("crash");
  });
  socket.on("end", (close: boolean) => void socket.disconnect(close));
}

/** One client, from `io()` to its end. */
async function cycle(url: string, number: number): Promise<void> {
  const namespace = ["", `/dynamic-${number}`, "/", "/guarded"][number % 4]!;
  const client = connect(`${url}${namespace}`, {
    transports: [number % POLLING_SHARE === 0 ? "polling" : "websocket"],
    reconnection: false,
    rememberTransport: false,
    // The first of the others share a manager; it is theirs who come later no more.
    forceNew: namespace.length > 1,
  });
  client.on("ask", ignore);
  client.io.on("emit_error", ignore);
  client.emit("never", "buffered until it has joined", ignore);
  if (namespace === "/guarded") {
    await nextOf(client, "connect_error");
    client.emit("never", "buffered for good", ignore);
    return;
  }
  await nextOf(client, "connect");
  client.emit("never", ignore);
  client.timeout(NEVER_MS).emit("never", ignore);
  client.emit("fail", ignore);
  client.timeout(NEVER_MS).emit("crash", ignore);
  await client.emitWithAck("echo", number);
  await end(client, ENDS[number % ENDS.length]!);
  client.emit("never", "after the end", ignore);
}

async function end(client: ClientSocket, how: End): Promise<void> {
  const ended = nextOf(client, "disconnect");
  if (how === "client") client.disconnect();
  else if (how === "server") client.emit("end", true);
  else client.io.engine.close();
  await ended;
  client.disconnect();
}
