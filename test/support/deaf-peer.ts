import type { TestContext } from "node:test";
import type { WebSocket, WebSocketServerOptions } from "../../src/websocket/index.ts";
import { noise } from "./payloads.ts";
import { OFFER_DEFLATE, openRaw, serve, type Served } from "./web-sockets.ts";

/** A server, and a peer that has stopped reading. */
export async function withDeafPeer(
  t: TestContext,
  options: WebSocketServerOptions = {},
): Promise<Served & Awaited<ReturnType<typeof openRaw>>> {
  const served = await serve(t, options);
  const opened = await openRaw(t, served, OFFER_DEFLATE);
  opened.raw.stream.pause();
  return { ...served, ...opened };
}

/** Sends until the operating system takes no more. */
export async function fill(socket: WebSocket): Promise<void> {
  let isTaken = true;
  while (isTaken) {
    isTaken = false;
    socket.send(noise(256 * 1024), (error) => (isTaken = error === undefined || error === null));
    // Two turns: one to write, one to hear of it.
    for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
