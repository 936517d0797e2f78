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
      if (reason === "io server disconnect") this.#set({ kind: "offline" });
      else this.#setUnlessOffline({ kind: "connecting", first: false });
    });
    socket.io.on("interrupted", () => this.#setUnlessOffline({ kind: "connecting", first: false }));
    socket.io.on("resumed", () => this.#set({ kind: "connected" }));
    socket.io.on("reconnect_scheduled", (_attempt, delayMs) => {
      this.#setUnlessOffline({ kind: "waiting", untilMs: Date.now() + delayMs });
    });
    socket.io.on("reconnect_attempt", () => this.#setUnlessOffline({ kind: "connecting", first: false }));
    // Said at once, whatever the connection looks like: it may take a while to notice.
    socket.io.on("offline", () => this.#set({ kind: "offline" }));
    // The manager goes on by itself, unless it was the server that told us to go.
    window.addEventListener("online", () => {
      if (this.#state.value.kind !== "offline") return;
      this.#set({ kind: "connecting", first: false });
      socket.connect();
    });
  }

  get state(): ReadonlySignal<ConnectionState> {
    return this.#state;
  }

  /** Tries now instead of when the next attempt is due. */
  retry(): void {
    this.#set({ kind: "connecting", first: false });
    this.#socket.connect();
    // The line may be down although the socket is still connected: then it is the manager that goes on.
    this.#socket.io.connect();
  }

  #setUnlessOffline(state: ConnectionState): void {
    this.#set(navigator.onLine ? state : { kind: "offline" });
  }

  #set(state: ConnectionState): void {
    this.#state.value = state;
    clearInterval(this.#ticker);
    if (state.kind !== "waiting") return;
    this.#now.value = Date.now();
    this.#ticker = setInterval(() => (this.#now.value = Date.now()), 250);
  }
}
