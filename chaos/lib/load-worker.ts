/** A thread with a group of clients: does what the main thread asks for, one thing at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { clientOf } from "../clients.ts";
import { LoadGroup, type LoadPlan, type SettleLimits } from "./load-group.ts";
import type { ClientKind } from "./target.ts";

/** A plan that can be handed to a thread. */
export interface WorkerPlan extends Omit<LoadPlan, "kind"> {
  readonly clientName: string;
  /** Whether no network is between clients and the server, which stays on its port then. */
  readonly isDirect: boolean;
}

/** What a thread can be asked for. */
export type Order =
  | { readonly kind: "start" | "calm" | "expectReturns" | "cut" | "progress" | "report" | "close" }
  | { readonly kind: "open" | "retarget"; readonly port: number }
  | { readonly kind: "settle"; readonly limits: SettleLimits };

const { clientName, isDirect, ...plan } = workerData as WorkerPlan;
const kind = clientOf(clientName);
let serverUrl = "";
const direct: ClientKind = { ...kind, connect: (_proxyUrl, who, sink) => kind.connect(serverUrl, who, sink) };
const group = new LoadGroup({ ...plan, kind: isDirect ? direct : kind });

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case "open":
      serverUrl = `http://127.0.0.1:${order.port}`;
      return group.open(order.port);
    case "start":
      return group.start();
    case "calm":
      return group.calm();
    case "cut":
      return group.cut();
    case "expectReturns":
      return group.expectReturns();
    case "progress":
      return group.progress;
    case "retarget":
      return group.retarget(order.port);
    case "settle":
      return group.settle(order.limits);
    case "report":
      return group.report();
    case "close":
      return group.close();
  }
}

parentPort!.on("message", ({ id, order }: { id: number; order: Order }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origins
  void obey(order).then((result) => parentPort!.postMessage({ id, result }));
});
