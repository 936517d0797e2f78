/** `switchboard/client/file`: outboxes that outlive their process, in Node. */
export { fileStore, type FileStoreOptions } from "./file-store.ts";
export type {
  OutboxChanges,
  OutboxState,
  OutboxStore,
  StoredEvent,
  StoredOutbox,
  StoredSeat,
} from "../store.ts";
export { StoreError, type StoreErrorCode } from "../store-error.ts";
