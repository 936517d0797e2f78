/**
 * A map of event names to listener signatures, written as an interface or a type:
 * `{ message: (text: string, ack: (ok: boolean) => void) => void }`.
 */
// `any`: an interface without an index signature is only assignable to an index signature of `any`.
// oxlint-disable-next-line typescript/no-explicit-any
export type EventMap = { [event: string]: any };

/** The map used where the user gives none: every name, any arguments. */
// `any`: without a map there is nothing to check the arguments against.
// oxlint-disable-next-line typescript/no-explicit-any
export type DefaultEvents = { [event: string]: (...args: any[]) => void };

/** The names in an event map. */
export type EventNames<Events extends EventMap> = keyof Events & string;

/** The listener that belongs to an event name. */
export type EventListener<Events extends EventMap, Name extends EventNames<Events>> = Events[Name];

/** The arguments of an event. */
export type EventArguments<Events extends EventMap, Name extends EventNames<Events>> = Parameters<
  Events[Name]
>;

type AllButLast<List extends unknown[]> = List extends [...infer Head, unknown] ? Head : List;
type LastOf<List extends unknown[]> = List extends [...unknown[], infer Last] ? Last : List[number];

/** The arguments of an event whose acknowledgement is awaited: all but the callback. */
export type AckedArguments<Events extends EventMap, Name extends EventNames<Events>> = AllButLast<
  EventArguments<Events, Name>
>;

/** What an event's acknowledgement brings: the first argument of the callback that is its last argument. */
export type AckResult<Events extends EventMap, Name extends EventNames<Events>> =
  LastOf<EventArguments<Events, Name>> extends (value: infer Value, ...rest: never[]) => unknown
    ? Value
    : LastOf<EventArguments<Events, Name>>;

type ErrorFirst<Listener> = Listener extends (...args: infer Arguments) => infer Result
  ? (error: Error | null, ...args: Arguments) => Result
  : Listener;

type ErrorFirstLast<List extends unknown[]> = List extends [...infer Head, infer Last]
  ? [...Head, ErrorFirst<Last>]
  : List;

/** An event map whose acknowledgements take an error first, as they do behind `timeout()`. */
export type WithAckErrors<Events extends EventMap> = {
  [Name in keyof Events]: Events[Name] extends (...args: infer Arguments) => infer Result
    ? (...args: ErrorFirstLast<Arguments>) => Result
    : never;
};
