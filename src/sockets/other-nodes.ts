import type { Adapter } from "./adapter.ts";
import type { BroadcastEnd } from "./broadcast-channel.ts";

/** What they need of their namespace. */
export interface OtherNodesOwner {
  readonly adapter: Adapter;
  /** Tells the listeners here. */
  tell(name: string, args: readonly unknown[]): void;
  /** The adapter failed, or the callback of an acknowledgement. */
  onError(error: unknown, event: "adapter" | "acknowledgement"): void;
}

/** How long they may take to answer. */
const TIMEOUT_MS = 5000;
/** Only the server itself tells these. */
const SERVER_EVENTS: ReadonlySet<string> = new Set([
  "connect",
  "connection",
  "new_namespace",
  "handler_error",
]);

/** The same namespace on the other nodes: events go there and come from there, by the adapter. */
export class OtherNodes {
  readonly #owner: OtherNodesOwner;

  constructor(owner: OtherNodesOwner) {
    this.#owner = owner;
  }

  /** Sends an event; if the last argument is a function, it is asked for answers. Throws a `TypeError` for an event of the server's own. */
  emit(name: string, args: readonly unknown[]): void {
    const last = args.at(-1);
    if (typeof last === "function") {
      this.ask(name, args.slice(0, -1), last as BroadcastEnd);
      return;
    }
    check(name);
    this.#owner.adapter.sendToNodes([name, ...args]).catch((error: unknown) => {
      this.#owner.onError(error, "adapter");
    });
  }

  /** The same, asking for answers. */
  ask(name: string, args: readonly unknown[], end: BroadcastEnd): void {
    check(name);
    this.#owner.adapter
      .askNodes([name, ...args], TIMEOUT_MS)
      .then(
        (responses) => end(null, responses),
        (error: unknown) => end(error instanceof Error ? error : new Error(String(error)), []),
      )
      .catch((error: unknown) => this.#owner.onError(error, "acknowledgement"));
  }

  receive([name, ...args]: readonly unknown[], answer?: (value: unknown) => void): void {
    if (typeof name !== "string" || SERVER_EVENTS.has(name)) return;
    this.#owner.tell(name, answer === undefined ? args : [...args, answer]);
  }
}

function check(name: string): void {
  if (SERVER_EVENTS.has(name)) throw new TypeError(`"${name}" is reserved: it can't be sent to other nodes.`);
}
