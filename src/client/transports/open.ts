import type { Endpoint } from "../endpoint.ts";
import type { SessionFacts } from "../session-facts.ts";
import type { Transport, TransportKind, TransportSink } from "../transport.ts";
import { PollingTransport } from "./polling.ts";
import { SseTransport } from "./sse.ts";
import { WebSocketTransport } from "./websocket.ts";

const TRANSPORTS = { websocket: WebSocketTransport, polling: PollingTransport, sse: SseTransport };

/** Opens a transport for a session; the sink is told what becomes of it, never before this returns. */
export type OpenTransport = (kind: TransportKind, facts: SessionFacts, sink: TransportSink) => Transport;

/** Opens transports to a server. */
export function transportsTo(endpoint: Endpoint): OpenTransport {
  return (kind, facts, sink) => new TRANSPORTS[kind](endpoint, facts, sink);
}
