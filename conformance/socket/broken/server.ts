import type { MessageSession } from "../../engine/broken/session-options.ts";
import { type BrokenServer, startBrokenServer } from "../../engine/broken/server.ts";
import { fulfil, guard } from "../reference/contract.ts";
import { Decoder } from "./decoder.ts";
import type { FaultName } from "./faults.ts";
import { Multiplexer } from "./multiplexer.ts";
import { Namespace } from "./namespace.ts";

export interface BrokenSocketServerOptions {
  /** What it shall do wrong. Default: nothing. */
  fault?: FaultName | undefined;
  /** Default: any free port. */
  port?: number | undefined;
}

/** Longer than a run, so that no ping comes. */
const PING_INTERVAL_MS = 25_000;

/** A server of its own that does what the suite asks: without a fault it must pass it all, with one it must not. */
export function startBrokenSocketServer({
  fault,
  port,
}: BrokenSocketServerOptions = {}): Promise<BrokenServer> {
  const namespaces = new Map<string, Namespace>();
  const of = (name: string): Namespace => {
    const namespace = namespaces.get(name) ?? new Namespace(name, namespaces, fault);
    namespaces.set(name, namespace);
    return namespace;
  };
  fulfil({ of });
  guard(of("/guarded"));
  const sessions = new Set<MessageSession>();
  const shared = {
    fault,
    namespaces,
    decoder: new Decoder(fault),
    questions: new Map(),
    onBreach: () => {
      for (const session of sessions) session.destroy();
    },
  };
  return startBrokenServer({
    port,
    pingIntervalMs: PING_INTERVAL_MS,
    application: (session) => {
      const multiplexer = new Multiplexer(session, shared);
      sessions.add(session);
      return {
        receive: (message) => multiplexer.receive(message),
        end: () => {
          sessions.delete(session);
          multiplexer.end();
        },
      };
    },
  });
}
