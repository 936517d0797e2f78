import { EventError } from "../shared/event-error.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { type Next, runChain } from "./middleware.ts";
import { type ArgumentSchemas, validateArguments } from "./validation.ts";

/**
 * An event as middleware sees it: its name, then its arguments; the last is the acknowledgement if the client waits for one. It may be changed:
 * listeners get what is left in it.
 */
// `any`: what a client sends is whatever it likes.
// oxlint-disable-next-line typescript/no-explicit-any
export type SocketEvent = [name: string, ...args: any[]];

/** Lets an event through to the listeners, or not: by calling `next`, once. */
export type SocketMiddleware = (event: SocketEvent, next: Next) => unknown;

/** Where events go. */
export interface EventGoal {
  schemasOf(name: string): ArgumentSchemas | undefined;
  /** `args` end with what acknowledges, if anything does. */
  hear(name: string, args: unknown[], acknowledgement: Acknowledgement | undefined): void;
  /** A middleware or a schema does not let it through. */
  refuse(error: unknown, name: string, acknowledgement: Acknowledgement | undefined): void;
  /** A middleware or a schema failed. */
  onFailed(error: unknown, name: string, acknowledgement: Acknowledgement | undefined): void;
}

/** Takes an event through a socket's middleware and the schemas of its namespace, in this order: listeners get what the schemas make of it. */
export function passEvent(
  event: unknown[],
  acknowledgement: Acknowledgement | undefined,
  middleware: readonly SocketMiddleware[],
  goal: EventGoal,
): void {
  const name = String(event[0]);
  event[0] = name;
  if (acknowledgement?.isWanted === true) event.push(acknowledgement.give);
  runChain(middleware, (step, next) => callStep(step, event as SocketEvent, next, acknowledgement), {
    // A middleware may have renamed it.
    onPassed: () => validate(String(event[0]), event.slice(1), acknowledgement, goal),
    onRefused: (error) => goal.refuse(error, name, acknowledgement),
    onFailed: (error, isOver) => {
      // What has been let through is answered by whoever hears it.
      if (isOver) goal.onFailed(error, name, undefined);
      else fail(error, name, acknowledgement, goal);
    },
  });
}

/** What a step does behind its `next` is a part of the event, too. */
function callStep(
  step: SocketMiddleware,
  event: SocketEvent,
  next: Next,
  acknowledgement: Acknowledgement | undefined,
): unknown {
  acknowledgement?.retain();
  try {
    const result = step(event, next);
    if (result instanceof Promise) acknowledgement?.hold(result);
    return result;
  } finally {
    acknowledgement?.release();
  }
}

function validate(
  name: string,
  args: unknown[],
  acknowledgement: Acknowledgement | undefined,
  goal: EventGoal,
): void {
  const schemas = goal.schemasOf(name);
  if (schemas === undefined) {
    goal.hear(name, args, acknowledgement);
    return;
  }
  // A function can only be what acknowledges, or what a middleware has put in its place: schemas are not asked about it.
  const give = typeof args.at(-1) === "function" ? [args.pop()] : [];
  let values: unknown[] | Promise<unknown[]>;
  try {
    values = validateArguments(name, schemas, args);
  } catch (error) {
    fail(error, name, acknowledgement, goal);
    return;
  }
  if (values instanceof Promise) {
    values.then(
      (valid) => goal.hear(name, [...valid, ...give], acknowledgement),
      (error: unknown) => fail(error, name, acknowledgement, goal),
    );
  } else goal.hear(name, [...values, ...give], acknowledgement);
}

function fail(
  error: unknown,
  name: string,
  acknowledgement: Acknowledgement | undefined,
  goal: EventGoal,
): void {
  if (error instanceof EventError) goal.refuse(error, name, acknowledgement);
  else goal.onFailed(error, name, acknowledgement);
}
