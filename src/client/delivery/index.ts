export { delivery, type DeliveryOptions, type StoredDelivery } from "./delivery.ts";
export type { ClientDelivery, DeliveryUplink, Joined, SocketDelivery } from "./port.ts";
export type {
  OutboxChanges,
  OutboxState,
  OutboxStore,
  StoredEvent,
  StoredOutbox,
  StoredSeat,
} from "./store.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";
