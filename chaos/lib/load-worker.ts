/** A thread with a group of clients: does what the main thread asks for, one thing at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { clientOf } from "../clients.ts";
import { LoadGroup, type LoadPlan, type SettleLimits } from "./load-group.ts";

/** A plan that can be handed to a thread. */
export type WorkerPlan = Omit<LoadPlan, "kind"> & { readonly clientName: string };

/** What a thread can be asked for. */
export type Order =
  | { readonly kind: "start" | "calm" | "expectReturns" | "cut" | "progress" | "report" | "close" }
  | { readonly kind: "open" | "retarget"; readonly port: number }
  | { readonly kind: "settle"; readonly limits: SettleLimits };

const { clientName, ...plan } = workerData as WorkerPlan;
const group = new LoadGroup({ ...plan, kind: clientOf(clientName) });

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case "open":
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
