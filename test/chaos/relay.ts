import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { ClientKind, ClientSink, ServerKind, Who } from "../../chaos/lib/target.ts";

/** What goes over the relay's wire to clients, one in a line. */
export type Note =
  /** It is in its room. */
  | { readonly kind: "welcome" }
  | { readonly kind: "said"; readonly client: number; readonly number: number }
  | { readonly kind: "heard"; readonly number: number }
  | { readonly kind: "ack" }
  | { readonly kind: "gap" };

/** What the relay sends to a client instead of a note. */
export type Bug = (to: number, note: Note) => readonly Note[];

/** A server and client of a few lines over bare TCP, without any way back, and with whatever bug is wanted. */
export function relay(bug: Bug): { readonly server: ServerKind; readonly client: ClientKind } {
  const server: ServerKind = {
    name: "relay",
    async serve({ onSay }) {
      const rooms = new Map<number, Map<number, Socket>>();
      const streams = new Set<Socket>();
      const send = (to: number, stream: Socket, note: Note): void => {
        for (const one of bug(to, note)) stream.write(`${JSON.stringify(one)}\n`);
      };
      const server = createServer((stream) => {
        streams.add(stream);
        stream.on("error", () => {});
        let who: Who | undefined;
        eachLine(stream, (line) => {
          if (who === undefined) {
            who = JSON.parse(line) as Who;
            const room = rooms.get(who.room) ?? new Map<number, Socket>();
            rooms.set(who.room, room.set(who.client, stream));
            return void stream.write(`${JSON.stringify({ kind: "welcome" })}\n`);
          }
          const { client } = who;
          const number = Number(line);
          onSay(client, number);
          for (const [to, member] of rooms.get(who.room)!) send(to, member, { kind: "said", client, number });
          send(client, stream, { kind: "heard", number });
          send(client, stream, { kind: "ack" });
        });
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return {
        port: (server.address() as AddressInfo).port,
        async close() {
          for (const stream of streams) stream.destroy();
          server.close();
          await once(server, "close");
        },
      };
    },
  };
  const client: ClientKind = {
    name: "relay",
    connect(url, who, sink) {
      const stream = connect(Number(new URL(url).port), "127.0.0.1");
      stream.on("error", () => {});
      stream.once("connect", () => void stream.write(`${JSON.stringify(who)}\n`));
      stream.once("close", () => sink.onLive(false));
      eachLine(stream, (line) => take(sink, JSON.parse(line) as Note));
      return { say: (number) => void stream.write(`${number}\n`), close: () => void stream.destroy() };
    },
  };
  return { server, client };
}

function take(sink: ClientSink, note: Note): void {
  if (note.kind === "welcome") sink.onLive(true);
  else if (note.kind === "said") sink.onSaid(note.client, note.number);
  else if (note.kind === "heard") sink.onHeard(note.number);
  else if (note.kind === "ack") sink.onAck();
  else sink.onGap();
}

function eachLine(stream: Socket, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) take(line);
  });
}
