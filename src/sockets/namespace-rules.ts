import type { EventMap } from "../shared/events.ts";
import { BackpressureRules } from "./backpressure/rules.ts";
import { JoinRules } from "./join-rules.ts";
import type { Next } from "./middleware.ts";
import type { ArgumentSchemas, EventSchemas, StandardSchema } from "./validation.ts";

/** Lets a socket into a namespace, or not: by calling `next`, once. */
export type NamespaceMiddleware<Socket> = (socket: Socket, next: Next) => unknown;

/** What applies to all who come into a namespace; a parent hands a copy to each namespace that it makes. */
export class NamespaceRules<ListenEvents extends EventMap, Socket> {
  /** What becomes of events for clients that are slow. */
  readonly backpressure: BackpressureRules;
  /** Who may join which rooms. */
  readonly joins: JoinRules<Socket>;
  #middleware: readonly NamespaceMiddleware<Socket>[] = [];
  #schemas: Map<string, ArgumentSchemas> | undefined;

  constructor(
    backpressure: BackpressureRules = new BackpressureRules(),
    joins: JoinRules<Socket> = new JoinRules(),
  ) {
    this.backpressure = backpressure;
    this.joins = joins;
  }

  /** Replaced, never changed, so that it may be walked meanwhile. */
  get middleware(): readonly NamespaceMiddleware<Socket>[] {
    return this.#middleware;
  }

  use(middleware: NamespaceMiddleware<Socket>): void {
    if (typeof middleware !== "function") {
      throw new TypeError(`A middleware must be a function, not ${typeof middleware}.`);
    }
    this.#middleware = [...this.#middleware, middleware];
  }

  validate(schemas: EventSchemas<ListenEvents>): void {
    for (const [name, given] of Object.entries(schemas)) {
      if (given === undefined) continue;
      const list = (Array.isArray(given) ? given : [given]) as readonly StandardSchema[];
      for (const schema of list) {
        if (schema?.["~standard"]?.version !== 1) {
          throw new TypeError(`The schema of "${name}" is no Standard Schema of version 1.`);
        }
      }
      (this.#schemas ??= new Map()).set(name, list);
    }
  }

  schemasOf(name: string): ArgumentSchemas | undefined {
    return this.#schemas?.get(name);
  }

  copy(): NamespaceRules<ListenEvents, Socket> {
    const copy = new NamespaceRules<ListenEvents, Socket>(this.backpressure.copy(), this.joins.copy());
    copy.#middleware = this.#middleware;
    if (this.#schemas !== undefined) copy.#schemas = new Map(this.#schemas);
    return copy;
  }
}
