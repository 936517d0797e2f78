import type { EventMap, EventNames } from "../shared/events.ts";

type ManyAnswers<Listener> = Listener extends (value: infer Value, ...rest: never[]) => unknown
  ? (error: Error | null, responses: Value[]) => void
  : Listener;

/** The arguments of an event that is broadcast: its acknowledgement, if it has one, takes an error and a list of answers. */
export type BroadcastArguments<Events extends EventMap, Name extends EventNames<Events>> =
  Parameters<Events[Name]> extends [...infer Head, infer Last]
    ? [...Head, ManyAnswers<Last>]
    : Parameters<Events[Name]>;

/** The arguments of the event `message`, which `send` and `write` stand for; a map without it can't be sent so. */
export type MessageArguments<Events extends EventMap> = "message" extends keyof Events
  ? Parameters<Events["message"]>
  : never;

/** The map of those who name no events. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- that is what it is
export type NoEvents = Record<never, never>;
