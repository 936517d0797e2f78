import type { BasicEmitter } from "../../src/shared/basic-emitter.ts";
import type { EventArguments, EventMap, EventNames } from "../../src/shared/events.ts";

/** The arguments of the next event of a name. */
export function next<Events extends EventMap, Name extends EventNames<Events>>(
  emitter: BasicEmitter<Events>,
  name: Name,
): Promise<EventArguments<Events, Name>> {
  return new Promise((resolve) => {
    const listener = (...args: EventArguments<Events, Name>): void => resolve(args);
    // The map's type says what a listener takes; here it is whatever comes.
    emitter.once(name, listener as Events[Name]);
  });
}

/** All events of a name from now on; {@link EventLog.take} waits for the next that was not taken. */
export class EventLog<Args extends unknown[]> {
  readonly all: Args[] = [];
  #taken = 0;
  #waiting: (() => void) | undefined;

  add(args: Args): void {
    this.all.push(args);
    this.#waiting?.();
  }

  async take(): Promise<Args> {
    const index = this.#taken++;
    while (this.all[index] === undefined) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.all[index];
  }
}

/** Records all events of a name from now on. */
export function record<Events extends EventMap, Name extends EventNames<Events>>(
  emitter: BasicEmitter<Events>,
  name: Name,
): EventLog<EventArguments<Events, Name>> {
  const log = new EventLog<EventArguments<Events, Name>>();
  const listener = (...args: EventArguments<Events, Name>): void => log.add(args);
  emitter.on(name, listener as Events[Name]);
  return log;
}
