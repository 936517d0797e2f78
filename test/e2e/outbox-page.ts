/** Runs in a page: what tests ask of a client there whose outbox is in IndexedDB, as `outboxes`. */
import { delivery, io, type Socket, type StoredDelivery } from "switchboard/client";
import { indexedDBStore } from "switchboard/client/indexeddb";
import { outboxStoreSuite } from "../../src/testing/outbox-store-suite.ts";

const PLACE = "the page of tests";
const store = indexedDBStore({ name: PLACE });

let socket: Socket | undefined;
let outbox: StoredDelivery | undefined;
const errors: unknown[] = [];

const outboxes = {
  /** Runs what every store must do; resolves with what failed, and how many there were. */
  async suite(): Promise<{ count: number; failed: string[] }> {
    const failed: string[] = [];
    let places = 0;
    const suite = outboxStoreSuite(() => {
      places += 1;
      const name = `place ${places}`;
      return () => indexedDBStore({ name });
    });
    for (const { name, run } of suite) {
      try {
        await run();
      } catch (error) {
        failed.push(`${name}: ${String(error)}`);
      }
    }
    return { count: suite.length, failed };
  },

  /** Makes a client of a server, as each page does. */
  open(url: string): void {
    outbox = delivery({ store });
    socket = io(url, {
      delivery: outbox,
      transports: ["websocket"],
      reconnectionDelay: 20,
      reconnectionDelayMax: 50,
    });
    socket.io.on("emit_error", (error) => errors.push((error as { code?: unknown }).code));
  },

  /** Emits the values from one to another, each with as many bytes. */
  emit(first: number, last: number): void {
    for (let value = first; value <= last; value += 1)
      socket!.emit("n", value, new Uint8Array(value).fill(value));
  },

  stored(): Promise<void> {
    return outbox!.stored();
  },

  /** Resolves when the server says that all is done. */
  async done(): Promise<void> {
    while (!(socket!.connected && socket!.bufferedEvents === 0))
      await new Promise((resolve) => void setTimeout(resolve, 5));
  },

  recovered(): boolean {
    return socket!.recovered;
  },

  /** The codes of what `emit_error` was told. */
  errors(): unknown[] {
    return errors;
  },

  async logOut(): Promise<void> {
    socket!.disconnect();
    await store.clear();
  },
};

Object.assign(globalThis, { outboxes });
