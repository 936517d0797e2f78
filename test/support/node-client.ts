import type { TestContext } from "node:test";
import { type ClientOptions, io, type Socket } from "../../src/client/node.ts";
import { undoAfter } from "./fixture.ts";

/** Connects our own client, as it is in Node; it is disconnected after the test. */
export function nodeClient(t: TestContext, url: string, options: ClientOptions = {}): Socket {
  const socket = io(url, { reconnectionDelay: 10, reconnectionDelayMax: 20, ...options });
  undoAfter(t, () => socket.disconnect());
  return socket;
}
