/**
 * An unguessable key of 24 letters, digits, `-` and `_` (144 bits). Not `crypto.randomUUID`, which pages
 * opened over plain http from another machine do not have.
 */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
