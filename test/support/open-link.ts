import assert from "node:assert/strict";
import type { SessionOptions } from "../../src/engine/sessions.ts";
import { PollingTransport } from "../../src/engine/transports/polling.ts";
import { FakeExchange } from "./fake-exchange.ts";
import { MemoryTransport } from "./memory-transport.ts";
import { requestOptions, sessionsFor } from "./sessions.ts";

type Query = Readonly<Record<string, string | number>>;

/** A link that polls, and means to make requests of it; the open packet has been fetched. */
export async function openLink(options: Partial<SessionOptions> = {}) {
  const { sessions, clock, opened, open } = sessionsFor(options);
  const transport = new PollingTransport(requestOptions(clock, { link: true, maxHoldMs: 500 }));
  const session = open(transport, { id: "abc", link: true });
  transport.receiveExchange(FakeExchange.get({}));
  await Promise.resolve();
  const request = (exchange: FakeExchange, name: "polling" | "sse"): FakeExchange => {
    session.receiveExchange(exchange, name);
    return exchange;
  };
  const get = (query: Query, name: "polling" | "sse" = "polling"): FakeExchange =>
    request(FakeExchange.get({ sid: "abc", move: 0, ...query }), name);
  const post = (body: string | undefined, query: Query, name: "polling" | "sse" = "polling"): FakeExchange =>
    request(FakeExchange.post(body, { sid: "abc", move: 0, ...query }), name);
  const probe = (upgrade: string): MemoryTransport => {
    const webSocket = new MemoryTransport();
    session.receiveWebSocket(webSocket);
    webSocket.receive("2probe");
    assert.deepEqual(webSocket.take(), ["3probe"]);
    webSocket.receive(upgrade);
    return webSocket;
  };
  return { sessions, clock, get, post, probe, ...opened[0]!, session };
}

/** A link that began on a WebSocket. */
export function openOnWebSocket(options: Partial<SessionOptions> = {}) {
  const { sessions, clock, opened, open } = sessionsFor(options);
  const transport = new MemoryTransport();
  const session = open(transport, { id: "abc", link: true });
  transport.take();
  return { sessions, clock, transport, ...opened[0]!, session };
}
