/** Compiled with everything else, never run: what `ReliableWebSocket` must allow, and what it must refuse. */
import * as browser from "../../src/client/browser.ts";
import { ReliableWebSocket, type ReliableCloseEvent } from "../../src/client/node.ts";
import { same } from "./same.ts";

export function reliable(): void {
  let socket: ReliableWebSocket = new ReliableWebSocket("ws://localhost");
  same<browser.ReliableWebSocket, typeof socket>(true);
  socket = new ReliableWebSocket(new URL("ws://localhost"), "one");
  socket = new ReliableWebSocket(async () => "ws://localhost", ["one", "two"] as const, {
    heartbeat: { message: () => new Uint8Array(1), isAnswer: (message) => typeof message !== "string" },
    shouldReconnect: (end) => {
      same<typeof end, ReliableCloseEvent>(true);
      return end.wasClean;
    },
  });
  // @ts-expect-error an address is needed
  socket = new ReliableWebSocket();
  // @ts-expect-error a heartbeat needs a message
  socket = new ReliableWebSocket("ws://localhost", [], { heartbeat: { interval: 1 } });
  // @ts-expect-error no such policy
  socket = new ReliableWebSocket("ws://localhost", [], { overflow: "explode" });

  socket.addEventListener("message", ({ data }) => same<typeof data, string | ArrayBuffer | Blob>(true));
  socket.addEventListener("reconnecting", {
    handleEvent: ({ attempt, delayMs, why }) => void [attempt, delayMs, why.code],
  });
  socket.addEventListener("open", ({ reconnected }) => same<typeof reconnected, boolean>(true), {
    once: true,
  });
  // @ts-expect-error no such event
  socket.addEventListener("opened", () => {});
  socket.onclose = ({ code, reason, error }) => {
    same<[typeof code, typeof reason, typeof error], [number, string, Error | undefined]>(true);
  };
  socket.onopen = null;
  socket.send("x");
  socket.send(new DataView(new ArrayBuffer(1)));
  // @ts-expect-error an object must be made a text first
  socket.send({ watch: "EURUSD" });
  // @ts-expect-error the server sends this one, in a page too
  socket.binaryType = "nodebuffer";
  same<typeof ReliableWebSocket.OPEN, 1>(true);
  same<typeof socket.readyState, 0 | 1 | 2 | 3>(true);
}
