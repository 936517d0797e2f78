import { type ClientOptions, delivery, io as connect } from "switchboard/client";
import { type AppClient, joinApplication } from "../lib/application.ts";
import type { ClientKind } from "../lib/target.ts";

/** Our client with these options. */
function client(name: string, options: () => ClientOptions): ClientKind {
  return {
    name,
    connect(url, who, sink) {
      const socket = connect(url, { forceNew: true, ...options(), auth: { ...who } });
      socket.on("connect", () => sink.onLive(true));
      socket.on("disconnect", () => sink.onLive(false));
      socket.on("gap", () => sink.onGap());
      socket.io.on("interrupted", () => sink.onLive(false));
      // A link may be back while its socket has not joined yet; then `connect` follows.
      socket.io.on("resumed", () => sink.onLive(socket.connected));
      return joinApplication(socket as AppClient, sink);
    },
  };
}

/** Our client as it is by default. */
export const switchboard: ClientKind = client("switchboard", () => ({}));

/** With delivery, and WebSocket alone: without a link, so each line that is lost ends a session. */
export const deliveryWebSocket: ClientKind = client("delivery", () => ({
  transports: ["websocket"],
  delivery: delivery(),
}));

/** With delivery, and all transports: over a link, and delivery where that ends. */
export const deliveryAll: ClientKind = client("delivery-all", () => ({ delivery: delivery() }));
