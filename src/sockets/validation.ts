import { EventError } from "../shared/event-error.ts";
import type { EventMap, EventNames } from "../shared/events.ts";

/**
 * A schema that zod, valibot, arktype and others make: version 1 of the Standard Schema interface (https://standardschema.dev), as far
 * as it is needed here.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: what is made of it, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What is wrong with the arguments of an event, as the client is told (`invalid_arguments`, `data.issues`). */
export interface ArgumentIssue {
  readonly message: string;
  /** Where: the argument's index, then the keys inside it. */
  readonly path: readonly (string | number)[];
}

// `any`: what a schema takes is whatever the client sends; only what it makes of it counts.
// oxlint-disable-next-line typescript/no-explicit-any
type Makes<Output> = StandardSchema<any, Output>;
// oxlint-disable-next-line typescript/no-explicit-any -- a function of whatever arguments
type AnyFunction = (...args: any[]) => unknown;

/** The arguments that the client sends: all but the acknowledgement. */
export type SentArguments<List extends unknown[]> = List extends [...infer Head, infer Last]
  ? Last extends AnyFunction
    ? Head
    : List
  : List;

type SchemasOf<Sent extends unknown[]> = number extends Sent["length"]
  ? Makes<unknown> | readonly Makes<unknown>[]
  : Sent extends [infer Only]
    ? Makes<Only> | readonly [Makes<Only>]
    : { readonly [Index in keyof Sent]: Makes<Sent[Index]> };

/** Schemas by event: one for the only argument, or a list with one for each. What they make is what listeners get. */
export type EventSchemas<ListenEvents extends EventMap> = {
  readonly [Name in EventNames<ListenEvents>]?: SchemasOf<SentArguments<Parameters<ListenEvents[Name]>>>;
};

/** The schemas of one event's arguments. */
export type ArgumentSchemas = readonly StandardSchema[];

/**
 * What schemas make of an event's arguments, as many as there are schemas; a promise only if a schema gives one. Throws, or rejects with, an
 * `EventError` with the code `invalid_arguments` for arguments that don't fit.
 */
export function validateArguments(
  name: string,
  schemas: ArgumentSchemas,
  args: readonly unknown[],
): unknown[] | Promise<unknown[]> {
  if (args.length > schemas.length) {
    const message = `The event takes ${schemas.length} arguments, not ${args.length}.`;
    throw invalid(name, [{ message, path: [schemas.length] }]);
  }
  const results: SchemaResult<unknown>[] = [];
  const pending: Promise<void>[] = [];
  try {
    for (const [index, schema] of schemas.entries()) {
      const result = schema["~standard"].validate(args[index]);
      if (result instanceof Promise) pending.push(result.then((settled) => void (results[index] = settled)));
      else results[index] = result;
    }
  } catch (error) {
    // Nobody waits for the others any more.
    for (const other of pending) other.catch(() => {});
    throw error;
  }
  return pending.length === 0
    ? valuesOf(name, results)
    : Promise.all(pending).then(() => valuesOf(name, results));
}

function valuesOf(name: string, results: readonly SchemaResult<unknown>[]): unknown[] {
  const issues = results.flatMap((result, index) =>
    (result.issues ?? []).map(({ message, path = [] }) => ({ message, path: [index, ...path.map(keyOf)] })),
  );
  if (issues.length > 0) throw invalid(name, issues);
  return results.map((result) => (result as { value: unknown }).value);
}

function invalid(name: string, issues: readonly ArgumentIssue[]): EventError {
  return new EventError("invalid_arguments", `The arguments of "${name}" are not valid.`, { issues });
}

function keyOf(step: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof step === "object" ? step.key : step;
  return typeof key === "symbol" ? String(key) : key;
}
