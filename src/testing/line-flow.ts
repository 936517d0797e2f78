import type { Socket } from "node:net";
import type { Clock, Timer } from "switchboard";
import type { LineConditions } from "./line-conditions.ts";
import type { Chance } from "./seeded-random.ts";

/** With a limit on the rate, so much passes at once as takes this long: a slow line is slow evenly. */
const SLICE_MS = 50;

/** What is on the way: bytes, or what comes behind the last of them. */
interface Parcel {
  /** When it has been on the way for long enough. */
  readonly dueMs: number;
  readonly content: Buffer | "end" | "reset";
}

/** What a flow is made with. */
export interface FlowContext {
  readonly clock: Clock;
  readonly random: Chance;
  /** So many bytes are held at most, and what one read brings more; then `source` is not read. */
  readonly maxHeldBytes: number;
}

/** One direction of a line: takes from one stream, gives to the other, in order, as the network lets it. */
export class LineFlow {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #context: FlowContext;
  /** Told when the source is gone, and the sink with it. */
  readonly #onReset: () => void;
  readonly #parcels: Parcel[] = [];
  #heldBytes = 0;
  #lastDueMs = 0;
  /** When the rate lets the next bytes pass. */
  #freeMs = 0;
  #conditions: LineConditions = {};
  #isOpen = false;
  #isBlocked = false;
  #isSinkFull = false;
  #isSourceDone = false;
  #isStopped = false;
  #timer: Timer | undefined;
  /** Bytes that have passed. */
  passedBytes = 0;

  constructor(source: Socket, sink: Socket, context: FlowContext, onReset: () => void) {
    this.#source = source;
    this.#sink = sink;
    this.#context = context;
    this.#onReset = onReset;
    source.on("data", (bytes: Buffer) => this.#take(bytes));
    source.once("end", () => this.#finish("end"));
    source.once("close", (hadError) => this.#close(hadError));
    sink.on("drain", () => {
      this.#isSinkFull = false;
      this.#run();
    });
    source.pause();
  }

  /** Bytes that are held, on the way. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The sink is there: bytes may pass. */
  open(): void {
    this.#isOpen = true;
    this.#run();
  }

  /** From now on; what is on the way already stays as long as it was to. */
  shape(conditions: LineConditions, isBlocked: boolean): void {
    this.#conditions = conditions;
    this.#isBlocked = isBlocked;
    this.#freeMs = 0;
    this.#run();
  }

  /** Nothing more is taken; the sink hears the end behind what is on the way. */
  end(): void {
    this.#finish("end");
  }

  /** Forgets everything. */
  stop(): void {
    this.#timer?.cancel();
    this.#isOpen = false;
    this.#isStopped = true;
    this.#isSourceDone = true;
    this.#parcels.length = 0;
    this.#heldBytes = 0;
  }

  #take(bytes: Buffer): void {
    if (this.#isSourceDone) return;
    this.#heldBytes += bytes.length;
    this.#put(bytes);
  }

  #finish(content: "end" | "reset"): void {
    if (this.#isSourceDone) return;
    this.#isSourceDone = true;
    this.#put(content);
  }

  #close(hadError: boolean): void {
    if (this.#isStopped || (this.#isSourceDone && !hadError)) return;
    this.#isSourceDone = true;
    this.#put("reset");
  }

  #put(content: Parcel["content"]): void {
    const { delayMs = 0, jitterMs = 0 } = this.#conditions;
    const onTheWayMs = jitterMs === 0 ? delayMs : delayMs + jitterMs * this.#context.random.fraction();
    // What left later never comes earlier.
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#context.clock.now() + onTheWayMs);
    this.#parcels.push({ dueMs: this.#lastDueMs, content });
    this.#run();
  }

  /** Passes on what may pass now, and sees to the rest. */
  #run(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#isOpen && !this.#isBlocked && !this.#isSinkFull) {
      const parcel = this.#parcels[0];
      if (parcel === undefined) break;
      const waitMs = Math.max(parcel.dueMs, this.#freeMs) - this.#context.clock.now();
      if (waitMs > 0) {
        this.#timer = this.#context.clock.setTimeout(() => this.#run(), waitMs);
        break;
      }
      this.#pass(parcel);
    }
    this.#read();
  }

  #pass({ dueMs, content }: Parcel): void {
    this.#parcels.shift();
    if (content === "end") return void this.#sink.end();
    if (content === "reset") return this.#onReset();
    const { bytesPerSecond } = this.#conditions;
    let bytes = content;
    if (bytesPerSecond !== undefined) {
      const slice = Math.max(1, Math.floor((bytesPerSecond * SLICE_MS) / 1000));
      if (bytes.length > slice) {
        this.#parcels.unshift({ dueMs, content: bytes.subarray(slice) });
        bytes = bytes.subarray(0, slice);
      }
      this.#freeMs =
        Math.max(this.#freeMs, this.#context.clock.now()) + (bytes.length / bytesPerSecond) * 1000;
    }
    this.#heldBytes -= bytes.length;
    this.passedBytes += bytes.length;
    if (this.#sink.writable) this.#isSinkFull = !this.#sink.write(bytes);
  }

  /** The source is read while there is room, and not in a black hole: its end would show there. */
  #read(): void {
    const wants = this.#isOpen && !this.#isBlocked && this.#heldBytes < this.#context.maxHeldBytes;
    if (wants === this.#source.isPaused()) {
      if (wants) this.#source.resume();
      else this.#source.pause();
    }
  }
}
