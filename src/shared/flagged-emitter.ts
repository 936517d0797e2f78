import type {
  AckedArguments,
  AckResult,
  EventArguments,
  EventMap,
  EventNames,
  WithAckErrors,
} from "./events.ts";

/** How an event is to be sent. */
export interface EmitFlags {
  /** Drop it if it can't be sent now. */
  readonly volatile?: boolean;
  /** Whether it may be compressed on its way; it may unless this is false. */
  readonly compress?: boolean;
  /** How long to wait for its acknowledgement; the acknowledgement then takes an error first. */
  readonly timeoutMs?: number;
  /** The callback takes an error first although there is no time limit. */
  readonly errorFirst?: boolean;
}

/** Sends an event; the last of `args` is its acknowledgement if it is a function. */
export type SendEvent = (flags: EmitFlags, name: string, args: unknown[]) => void;

/**
 * What `socket.volatile`, `socket.timeout()` and `socket.compress()` return: `emit` under conditions. It may be kept and used again.
 * `Emitted` is how `emit` takes the events: with acknowledgements that have an error first, behind `timeout()`.
 */
export class FlaggedEmitter<Events extends EventMap, Emitted extends EventMap = Events> {
  readonly #send: SendEvent;
  readonly #flags: EmitFlags;

  constructor(send: SendEvent, flags: EmitFlags) {
    this.#send = send;
    this.#flags = flags;
  }

  /** Events are dropped if they can't be sent right away. */
  get volatile(): FlaggedEmitter<Events, Emitted> {
    return new FlaggedEmitter(this.#send, { ...this.#flags, volatile: true });
  }

  /** Whether events may be compressed on their way, where that is switched on. */
  compress(compress: boolean): FlaggedEmitter<Events, Emitted> {
    return new FlaggedEmitter(this.#send, { ...this.#flags, compress });
  }

  /** Acknowledgements fail with an `AckError` if they have not come within `timeoutMs` milliseconds. */
  timeout(timeoutMs: number): FlaggedEmitter<Events, WithAckErrors<Events>> {
    return new FlaggedEmitter(this.#send, { ...this.#flags, timeoutMs });
  }

  /** Sends an event; a function as the last argument is called with the acknowledgement. */
  emit<Name extends EventNames<Emitted>>(name: Name, ...args: EventArguments<Emitted, Name>): boolean {
    this.#send(this.#flags, name, args);
    return true;
  }

  /**
   * Sends an event and waits for its acknowledgement. Rejects with an `AckError` if the connection is lost
   * first, or, after `timeout()`, if the time is over; with an `EventError` if the other side says that it failed.
   */
  emitWithAck<Name extends EventNames<Events>>(
    name: Name,
    ...args: AckedArguments<Events, Name>
  ): Promise<AckResult<Events, Name>> {
    return new Promise((resolve, reject) => {
      const acknowledge = (error: Error | null, value: AckResult<Events, Name>): void => {
        if (error === null) resolve(value);
        else reject(error);
      };
      this.#send({ ...this.#flags, errorFirst: true }, name, [...args, acknowledge]);
    });
  }
}
