import { type AppClient, joinApplication } from "../lib/application.ts";
import type { ClientKind } from "../lib/target.ts";

let stockClient: typeof import("socket.io-client") | undefined;

/** Stock Socket.IO's client. That it has not been recovered by a server that can is its way to be told of a gap. */
export const stock: ClientKind = {
  name: "stock",
  async load() {
    stockClient = await import("socket.io-client");
  },
  connect(url, who, sink) {
    const socket = stockClient!.io(url, { forceNew: true, auth: { ...who } });
    // Kept from the answer to CONNECT: a server without recovery gives no such id, and tells of nothing.
    let canRecover = false;
    let isNew = true;
    socket.on("connect", () => {
      if (canRecover && !isNew && !socket.recovered) sink.onGap();
      isNew = false;
      canRecover = (socket as unknown as { readonly _pid?: string })._pid !== undefined;
      sink.onLive(true);
    });
    socket.on("disconnect", () => sink.onLive(false));
    return joinApplication(socket as unknown as AppClient, sink);
  },
};
