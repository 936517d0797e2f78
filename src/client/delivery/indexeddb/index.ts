/** `switchboard/client/indexeddb`: outboxes that outlive their page. */
export { indexedDBStore, type IndexedDBStoreOptions } from "./indexeddb-store.ts";
export type {
  OutboxChanges,
  OutboxState,
  OutboxStore,
  StoredEvent,
  StoredOutbox,
  StoredSeat,
} from "../store.ts";
export { StoreError, type StoreErrorCode } from "../store-error.ts";
