import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Socket } from "switchboard/client";
import type { ClientToServer, ServerToClient } from "../shared/contract.ts";

export type ChatSocket = Socket<ServerToClient, ClientToServer>;

/**
 * `connecting`: an attempt is under way · `waiting`: the next one comes at `untilMs` ·
 * `offline`: the browser says there is no network, or the server told us to go: only a retry by hand or
 * a network that comes back helps.
 */
export type ConnectionState =
  | { readonly kind: "connecting"; readonly first: boolean }
  | { readonly kind: "connected" }
  | { readonly kind: "waiting"; readonly untilMs: number }
  | { readonly kind: "offline" };

/** The state of the line, as a person wants to see it. */
export class Connection {
  readonly #socket: ChatSocket;
  readonly #state = signal<ConnectionState>({ kind: "connecting", first: true });
  readonly #now = signal(0);
  #ticker: ReturnType<typeof setInterval> | undefined;

  /** Seconds until the next attempt, counting down to 1; 0 when none is planned. */
  readonly secondsLeft: ReadonlySignal<number> = computed(() => {
    const state = this.#state.value;
    if (state.kind !== "waiting") return 0;
    return Math.max(1, Math.ceil((state.untilMs - this.#now.value) / 1000));
  });

  constructor(socket: ChatSocket) {
    this.#socket = socket;
    socket.on("connect", () => this.#set({ kind: "connected" }));
    socket.on("disconnect", (reason) => {
      const final = reason === "io server disconnect";
      this.#set(final || !navigator.onLine ? { kind: "offline" } : { kind: "connecting", first: false });
    });
    socket.io.on("reconnect_scheduled", (_attempt, delayMs) => {
      this.#set(navigator.onLine ? { kind: "waiting", untilMs: Date.now() + delayMs } : { kind: "offline" });
    });
    socket.io.on("reconnect_attempt", () => {
      if (navigator.onLine) this.#set({ kind: "connecting", first: false });
    });
    window.addEventListener("online", () => this.retry());
    window.addEventListener("offline", () => {
      if (!socket.connected) this.#set({ kind: "offline" });
    });
  }

  get state(): ReadonlySignal<ConnectionState> {
    return this.#state;
  }

  /** Tries now instead of when the next attempt is due. */
  retry(): void {
    if (this.#socket.connected) return;
    this.#set({ kind: "connecting", first: false });
    this.#socket.connect();
  }

  #set(state: ConnectionState): void {
    this.#state.value = state;
    clearInterval(this.#ticker);
    if (state.kind !== "waiting") return;
    this.#now.value = Date.now();
    this.#ticker = setInterval(() => (this.#now.value = Date.now()), 250);
  }
}
