import { Socket } from "node:net";
import { checkConditions, type CutKind, type Direction, type LineConditions } from "./line-conditions.ts";
import { type FlowContext, LineFlow } from "./line-flow.ts";

/** One connection through a {@link ChaosProxy}, while it lasts. */
export class ChaosLine {
  /** Lines of a proxy are counted from 1. */
  readonly id: number;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: LineFlow;
  readonly #down: LineFlow;
  readonly #port: () => number;
  readonly #onClose: (line: ChaosLine) => void;
  #isStarted = false;
  #isConnecting = false;
  #isUpBlocked = false;
  #isClosed = false;
  #openStreams = 2;

  /** Made by the proxy. `port` is asked for when the line reaches for the server, which in a black hole is later. */
  constructor(
    id: number,
    client: Socket,
    port: () => number,
    context: FlowContext,
    onClose: (line: ChaosLine) => void,
  ) {
    this.id = id;
    this.#client = client;
    this.#port = port;
    this.#server = new Socket({ allowHalfOpen: true });
    this.#onClose = onClose;
    const reset = (): void => this.cut("reset");
    this.#up = new LineFlow(this.#client, this.#server, context, reset);
    this.#down = new LineFlow(this.#server, this.#client, context, reset);
    for (const stream of [client, this.#server]) {
      // What broke is closed next.
      stream.on("error", () => {});
      stream.once("close", () => this.#closed());
    }
    this.#server.once("connect", () => {
      this.#up.open();
      this.#down.open();
    });
    // A server that is not there: the client hears of it as of any other end.
    this.#server.once("close", () => this.#down.open());
  }

  /** Whether bytes can still pass. */
  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** Bytes that have passed, in each direction. */
  get passedBytes(): Readonly<Record<Direction, number>> {
    return { up: this.#up.passedBytes, down: this.#down.passedBytes };
  }

  /** Bytes that the line holds because of its conditions or a slow reader. */
  get heldBytes(): number {
    return this.#up.heldBytes + this.#down.heldBytes;
  }

  /** Sets what the network does to this line from now on. Throws a `RangeError` for conditions that make no sense. */
  shape(conditions: LineConditions): void {
    checkConditions(conditions);
    if (this.#isClosed) return;
    const { blackHole } = conditions;
    this.#isUpBlocked = blackHole === "up" || blackHole === "both";
    this.#up.shape(conditions, this.#isUpBlocked);
    this.#down.shape(conditions, blackHole === "down" || blackHole === "both");
    this.#reach();
  }

  /** Reaches for the server, as soon as that may hear of the line. Called once, by the proxy. */
  start(): void {
    this.#isStarted = true;
    this.#reach();
  }

  /** Ends the line at both its ends, also in a black hole; what it holds is lost, but for what the system has taken already. */
  cut(kind: CutKind = "reset"): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#up.stop();
    this.#down.stop();
    for (const stream of [this.#client, this.#server]) {
      if (stream.pending) stream.destroy();
      else if (kind === "reset") resetStream(stream);
      else stream.destroySoon();
    }
  }

  /**
   * One direction ends as if its sender had said so (FIN), behind what is on the way; what it sends later is dropped. The other direction goes on.
   */
  halfClose(direction: Direction): void {
    if (this.#isClosed) return;
    (direction === "up" ? this.#up : this.#down).end();
  }

  #reach(): void {
    if (!this.#isStarted || this.#isUpBlocked || this.#isConnecting || this.#isClosed) return;
    this.#isConnecting = true;
    this.#server.connect({ port: this.#port(), host: "127.0.0.1", noDelay: true });
  }

  #closed(): void {
    this.#openStreams -= 1;
    if (this.#openStreams > 0) return;
    this.#isClosed = true;
    this.#up.stop();
    this.#down.stop();
    this.#onClose(this);
  }
}

/** A reset in the turn in which the stream's end goes out fails with EINVAL in Node, which then never closes the stream; so that it comes behind that end. */
function resetStream(stream: Socket): void {
  const isEnding = stream.writableEnded && stream.writableLength === 0 && !stream.writableFinished;
  if (isEnding) stream.once("finish", () => stream.resetAndDestroy());
  else stream.resetAndDestroy();
}
