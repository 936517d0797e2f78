/** Packet codecs: see README.md in this folder. */
export * from "./attachments.ts";
export * from "./engine-packet.ts";
export * from "./errors.ts";
export * from "./link.ts";
export * from "./outbox.ts";
export * from "./payload.ts";
export * from "./socket-packet.ts";
