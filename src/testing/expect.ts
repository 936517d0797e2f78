/** Throws unless the two are the same: numbers and texts as they are, lists, sets and maps by what is in them. */
export function same(actual: unknown, expected: unknown, what = "value"): void {
  const [left, right] = [show(actual), show(expected)];
  if (left !== right) throw new Error(`The ${what} is ${left}, and should be ${right}.`);
}

/** Throws unless `attempt` throws or rejects. */
export async function fails(attempt: () => unknown): Promise<void> {
  try {
    await attempt();
  } catch {
    return;
  }
  throw new Error("It should have failed.");
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function show(value: unknown): string {
  if (value instanceof Set) return `set ${[...value].map(show).toSorted(compare).join(", ")}`;
  if (value instanceof Map) return `map ${[...value].map(show).toSorted(compare).join(", ")}`;
  if (value instanceof Uint8Array) return `bytes ${show([...value])}`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  return JSON.stringify(value) ?? String(value);
}
