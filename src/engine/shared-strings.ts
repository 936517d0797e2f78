/** How many strings are known at a time. */
const MAX_KNOWN = 256;
/** Longer ones are hardly ever the same. */
const MAX_LENGTH = 256;

/**
 * Makes strings that are equal the same one: what many clients send alike, such as the name of their browser, is kept once and not for each.
 */
export class SharedStrings {
  readonly #known = new Map<string, string>();

  /** The string that is kept for all that equal this one. */
  share(text: string): string {
    if (text.length > MAX_LENGTH) return text;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    // Those that come again will be back soon.
    if (this.#known.size === MAX_KNOWN) this.#known.clear();
    this.#known.set(text, text);
    return text;
  }
}
