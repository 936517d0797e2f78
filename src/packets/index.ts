/** Packet codecs: see README.md in this folder. */
export * from "./attachments.ts";
export * from "./engine-packet.ts";
export * from "./errors.ts";
export * from "./socket-packet.ts";
