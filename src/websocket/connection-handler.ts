/** What the owner of a connection is told. Nothing may be thrown from here. */
export interface ConnectionHandler {
  /** A message, `bytes[start, end)`; text is valid UTF-8, and ASCII if `isAscii`. */
  receiveMessage(bytes: Buffer, start: number, end: number, isText: boolean, isAscii: boolean): void;
  /** A ping; already answered, unless that was switched off. */
  receivePing(payload: Buffer): void;
  receivePong(payload: Buffer): void;
  /** What waited to be written has left, after it had come to more than the operating system takes at once. */
  onDrain(): void;
  /** The peer broke the protocol, the stream failed or a limit was reached; {@link onClose} follows. */
  onError(error: Error): void;
  /** Said once, last: 1005 if the peer gave no code, 1006 if it left without a close frame. */
  onClose(code: number, reason: Buffer): void;
}
