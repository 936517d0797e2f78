import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Who is told what becomes of a stream. */
export interface StreamOwner {
  receiveChunk(chunk: Buffer, stream: Duplex): void;
  onStreamEnd(): void;
  onStreamDrain(): void;
  onStreamError(error: Error): void;
  onStreamClose(): void;
}

const OWNER = Symbol("owner");

/** What every socket of Node listens to its end with; it does nothing if the socket may be half open. */
const [nodesOnEnd] = new Socket().listeners("end") as (() => void)[];

interface OwnedStream extends Duplex {
  [OWNER]: StreamOwner;
}

/**
 * Makes `owner` the one who is told about a stream, instead of whoever was before. A stream has the same listeners for as long as it
 * lives, one function each for all streams: adding and removing them is a good part of what accepting a connection costs.
 */
export function ownStream(stream: Duplex, owner: StreamOwner): void {
  const owned = stream as OwnedStream;
  const isOwned = owned[OWNER] !== undefined;
  owned[OWNER] = owner;
  if (isOwned) return;
  // A single listener needs no list.
  if (stream.allowHalfOpen && nodesOnEnd !== undefined) stream.off("end", nodesOnEnd);
  stream.on("data", onData);
  stream.on("end", onEnd);
  stream.on("drain", onDrain);
  stream.on("error", onError);
  stream.on("close", onClose);
}

/** Owns streams between two owners: whatever comes waits for the next one. */
export const NOBODY: StreamOwner = {
  receiveChunk: (chunk, stream) => {
    stream.pause();
    stream.unshift(chunk);
  },
  onStreamEnd: () => {},
  onStreamDrain: () => {},
  // An error destroys the stream by itself.
  onStreamError: () => {},
  onStreamClose: () => {},
};

function onData(this: OwnedStream, chunk: Buffer): void {
  this[OWNER].receiveChunk(chunk, this);
}
function onEnd(this: OwnedStream): void {
  this[OWNER].onStreamEnd();
}
function onDrain(this: OwnedStream): void {
  this[OWNER].onStreamDrain();
}
function onError(this: OwnedStream, error: Error): void {
  this[OWNER].onStreamError(error);
}
function onClose(this: OwnedStream): void {
  this[OWNER].onStreamClose();
}
