import type { Adapter, AdapterFactory, AdapterHost } from "./adapter.ts";

/** A class of adapters. */
export type AdapterClass = new (namespace: string, host: AdapterHost) => Adapter;

const METHODS = [
  ...["join", "leave", "leaveAll", "roomsOf"],
  ...["broadcast", "broadcastWithAck"],
  ...["fetchMembers", "joinMembers", "leaveMembers", "disconnectMembers"],
  ...["sendToNodes", "askNodes", "nodeCount", "close"],
];

/**
 * The option `adapter` as a function, whose adapters are looked at: those of Socket.IO are another port, and would fail one by one in what they do.
 * Throws a `TypeError` for what is neither function nor class, and for a class of Socket.IO's.
 */
export function adapterFactory(given: AdapterFactory | AdapterClass): AdapterFactory {
  if (typeof given !== "function") {
    throw new TypeError(`The option "adapter" must be a function or a class, not ${typeof given}.`);
  }
  if (isClass(given)) {
    if (!isAdapter(given.prototype)) throw misfit();
    return (namespace, host) => checked(new given(namespace, host));
  }
  return (namespace, host) => {
    let adapter: Adapter;
    try {
      adapter = given(namespace, host);
    } catch (error) {
      // One of Socket.IO's looks for a namespace's server in the name that it got.
      throw error instanceof TypeError ? misfit(error) : error;
    }
    return checked(adapter);
  };
}

function checked(adapter: Adapter): Adapter {
  if (!isAdapter(adapter)) throw misfit();
  return adapter;
}

/** Unlike a function's, the prototype of a class can't be replaced. */
function isClass(given: AdapterFactory | AdapterClass): given is AdapterClass {
  return Object.getOwnPropertyDescriptor(given, "prototype")?.writable === false;
}

function isAdapter(value: unknown): boolean {
  const methods = value as Record<string, unknown> | null | undefined;
  return METHODS.every((name) => typeof methods?.[name] === "function");
}

function misfit(cause?: unknown): TypeError {
  return new TypeError(
    'The option "adapter" makes no adapter of Switchboard. Those of Socket.IO don\'t fit: see "Adapters" in docs/reference/sockets.md.',
    cause === undefined ? undefined : { cause },
  );
}
