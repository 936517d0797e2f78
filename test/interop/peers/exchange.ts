import assert from "node:assert/strict";
import type * as ws from "ws";
import {
  type PerMessageDeflateOptions,
  WebSocket as OurWebSocket,
  WebSocketServer,
} from "../../../src/websocket/index.ts";
import { portOf } from "../../support/listen.ts";
import { closed, Inbox, nextControl, payload } from "../sockets.ts";

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 300_000];
const CODES = [1000, 1001, 3000, 4999];
const DEFLATE: readonly (boolean | PerMessageDeflateOptions)[] = [
  false,
  true,
  { threshold: 0, serverMaxWindowBits: 11, clientMaxWindowBits: 10 },
  { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
];

/** Our server for clients in other languages: echoes, and closes with the code that `close 4999` asks for. */
export async function withOurServer(work: (url: string) => Promise<void>): Promise<void> {
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => (offered.has("v2") ? "v2" : false),
  });
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      const code = isBinary ? undefined : /^close (\d+)$/.exec((data as Buffer).toString())?.[1];
      if (code === undefined) socket.send(data, { binary: isBinary });
      else socket.close(Number(code), "as you wish");
    });
  });
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  try {
    await work(`ws://127.0.0.1:${portOf(server)}/`);
  } finally {
    await server.shutdown();
  }
}

/** Our client at a server in another language that does the same; `closeAnswer` is what it answers a 4000 with, if not that. */
export async function visitServer(port: number, { closeAnswer = 4000 } = {}): Promise<void> {
  for (const perMessageDeflate of DEFLATE) {
    const socket = await open(port, { perMessageDeflate });
    assert.equal(socket.protocol, "v2");
    assert.equal(socket.extensions !== "", perMessageDeflate !== false);
    const inbox = new Inbox(socket);
    for (const size of SIZES) {
      for (const isBinary of [false, true]) {
        const data = payload(size, isBinary);
        socket.send(data, { binary: isBinary });
        const message = await inbox.next();
        assert.equal(message.isBinary, isBinary);
        assert.ok(message.data.equals(data), `${size} bytes`);
      }
    }
    socket.send("frag", { fin: false });
    socket.send("ments", { fin: true });
    assert.equal(String((await inbox.next()).data), "fragments");
    const pong = nextControl(socket, "pong");
    socket.ping("payload");
    assert.equal(String(await pong), "payload");
    const end = closed(socket);
    socket.close(4000, "bye");
    assert.equal((await end).code, closeAnswer);
  }
  for (const code of CODES) {
    const socket = await open(port, {});
    const end = closed(socket);
    socket.send(`close ${code}`);
    assert.deepEqual(await end, { code, reason: "as you wish" });
  }
}

async function open(
  port: number,
  options: { perMessageDeflate?: boolean | PerMessageDeflateOptions },
): Promise<ws.WebSocket> {
  const socket = new OurWebSocket(`ws://127.0.0.1:${port}/`, ["v2"], options);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  return socket as unknown as ws.WebSocket;
}
