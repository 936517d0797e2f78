/** The protocol as pure state: see README.md in this folder. */
export * from "./close-codes.ts";
export * from "./errors.ts";
export * from "./extensions.ts";
export * from "./frame-parser.ts";
export * from "./frame-writer.ts";
export * from "./handshake.ts";
export * from "./masking.ts";
export * from "./opcodes.ts";
export * from "./permessage-deflate.ts";
export * from "./request-head.ts";
export * from "./utf8.ts";
