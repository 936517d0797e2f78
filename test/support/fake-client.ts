import { allSessions } from "../../src/client/engine-session.ts";
import { makeIo } from "../../src/client/io.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { SessionsTo } from "../../src/client/session.ts";
import { FakePlatform } from "./fake-platform.ts";
import { RecordingLogger } from "./recording-logger.ts";

/** A client in a world made for tests; it has begun to connect, with WebSocket alone, unless told otherwise. */
export function fakeClient(
  options: ClientOptions = {},
  platform = new FakePlatform(),
  sessionsTo: SessionsTo<FakePlatform> = allSessions,
) {
  const log = new RecordingLogger();
  const socket = makeIo(platform, sessionsTo)("http://localhost:3000", {
    logger: log,
    transports: ["websocket"],
    ...options,
  });
  return { platform, clock: platform.clock, socket, log };
}

/** A client that has joined the main namespace. */
export function joinedClient(options: ClientOptions = {}, sessionsTo?: SessionsTo<FakePlatform>) {
  const made = fakeClient(options, undefined, sessionsTo);
  made.platform.webSocket.join();
  return made;
}

/** What is emitted, in order, as lists of a name and its arguments. */
export function recordEvents(
  emitter: { on(name: string, listener: (...args: unknown[]) => void): unknown },
  ...names: string[]
): unknown[][] {
  const events: unknown[][] = [];
  for (const name of names) emitter.on(name, (...args: unknown[]) => void events.push([name, ...args]));
  return events;
}

/** Lets what was promised happen; no time passes by the fake clock. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
