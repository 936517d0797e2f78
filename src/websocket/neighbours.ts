import type { IncomingMessage } from "node:http";

/** One of several of ours that may share an HTTP server, each with its path: a WebSocket server, or an engine. */
interface Neighbour {
  shouldHandle(request: IncomingMessage): boolean;
}

interface SharedServer {
  listenerCount(name: "upgrade"): number;
}

const neighbours = new WeakMap<SharedServer, Set<Neighbour>>();

/** Says that one of ours listens to the upgrades of an HTTP server; returns what ends that. */
export function shareHttp(server: Neighbour, http: SharedServer): () => void {
  let all = neighbours.get(http);
  if (all === undefined) neighbours.set(http, (all = new Set()));
  all.add(server);
  return () => void all.delete(server);
}

/**
 * Whether one of ours has to answer a handshake: it is for its path, or for nobody's and somebody must refuse it, or the peer would
 * hold the connection for ever. Other listeners than ours, if there are any, may want it.
 */
export function isAnsweredBy(server: Neighbour, http: SharedServer, request: IncomingMessage): boolean {
  if (server.shouldHandle(request)) return true;
  const all = [...(neighbours.get(http) ?? [])];
  if (all[0] !== server || http.listenerCount("upgrade") > all.length) return false;
  return !all.some((neighbour) => neighbour.shouldHandle(request));
}
