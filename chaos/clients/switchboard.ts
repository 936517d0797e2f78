import { type ClientOptions, io as connect } from "switchboard/client";
import { type AppClient, joinApplication } from "../lib/application.ts";
import type { ClientKind } from "../lib/target.ts";

/** All that is not as it is by default. */
const OPTIONS: ClientOptions = { forceNew: true };

/** Our client. */
export const switchboard: ClientKind = {
  name: "switchboard",
  connect(url, who, sink) {
    const socket = connect(url, { ...OPTIONS, auth: { ...who } });
    socket.on("connect", () => sink.onLive(true));
    socket.on("disconnect", () => sink.onLive(false));
    socket.io.on("interrupted", () => sink.onLive(false));
    // A link may be back while its socket has not joined yet; then `connect` follows.
    socket.io.on("resumed", () => sink.onLive(socket.connected));
    return joinApplication(socket as AppClient, sink);
  },
};
