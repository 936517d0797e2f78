import { movingReference, reference } from "./clients/reference.ts";
import { stock } from "./clients/stock.ts";
import { deliveryAll, deliveryWebSocket, switchboard } from "./clients/switchboard.ts";
import type { ClientKind } from "./lib/target.ts";

/** The kinds of clients by name. */
export const CLIENTS: ReadonlyMap<string, ClientKind> = new Map(
  [switchboard, deliveryWebSocket, deliveryAll, stock, reference, movingReference].map((kind) => [
    kind.name,
    kind,
  ]),
);

/** The kind of that name; throws for a name that is none. */
export function clientOf(name: string): ClientKind {
  const kind = CLIENTS.get(name);
  if (kind !== undefined) return kind;
  throw new Error(`There is no client "${name}"; there are ${[...CLIENTS.keys()].join(", ")}.`);
}
