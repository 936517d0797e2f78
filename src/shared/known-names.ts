/** Throws a `TypeError` for an option that is no object, or has a name that nobody knows: what is left out by mistake is noticed too late. */
export function checkNames(option: string, value: unknown, known: readonly string[]): void {
  checkObject(option, value);
  const unknown = Object.keys(value).find((each) => !known.includes(each));
  if (unknown !== undefined) {
    throw new TypeError(`The option "${option}" knows ${known.join(", ")}, not "${unknown}".`);
  }
}

/** Throws a `TypeError` for an option that is no object. */
export function checkObject(option: string, value: unknown): asserts value is object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  const what = Array.isArray(value) ? "a list" : String(value);
  throw new TypeError(`The option "${option}" must be an object, not ${what}.`);
}
