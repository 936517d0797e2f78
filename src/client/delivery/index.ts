export { delivery } from "./delivery.ts";
export type { ClientDelivery, Joined, SocketDelivery } from "./port.ts";
