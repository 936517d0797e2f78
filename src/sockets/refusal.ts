/** Why a client may not join a namespace, as it is told. */
export interface Refusal {
  readonly message: string;
  readonly data?: unknown;
}

/** Instead of an error that says something about the inside. */
export const NEUTRAL_REFUSAL: Refusal = { message: "The server could not decide about this connection." };

/** What a client is told of the error that a middleware gave. */
export function refusalOf(error: unknown): Refusal {
  if (typeof error !== "object" || error === null) return { message: String(error) };
  const { message, data } = error as { message?: unknown; data?: unknown };
  return { message: typeof message === "string" ? message : "Refused", data };
}
