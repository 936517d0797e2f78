/**
 * A map of event names to listener signatures, written as an interface or a type:
 * `{ message: (text: string, ack: (ok: boolean) => void) => void }`.
 */
// `any`: an interface without an index signature is only assignable to an index signature of `any`.
export type EventMap = { [event: string]: any };

/** The map used where the user gives none: every name, any arguments. */
// `any`: without a map there is nothing to check the arguments against.
export type DefaultEvents = { [event: string]: (...args: any[]) => void };

/** The names in an event map. */
export type EventNames<Events extends EventMap> = keyof Events & string;

/** The listener that belongs to an event name. */
export type EventListener<Events extends EventMap, Name extends EventNames<Events>> = Events[Name];

/** The arguments of an event. */
export type EventArguments<Events extends EventMap, Name extends EventNames<Events>> = Parameters<
  Events[Name]
>;
