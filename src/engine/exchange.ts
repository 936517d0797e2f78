/** Why the body of a request did not come. */
export type BodyFailure = "too long" | "too slow" | "aborted";

/** An answer that is sent bit by bit. */
export interface StreamedAnswer {
  /** Bytes written and not yet taken by the operating system. */
  readonly bufferedBytes: number;
  write(text: string): void;
  /** What was written before still leaves. */
  end(): void;
}

/**
 * One HTTP request of a session and the way to answer it, as a transport that lives on requests needs it. It
 * is answered once; what comes after the peer has gone is dropped.
 */
export interface Exchange {
  readonly method: string;
  /** A value of the query; of several, the last. */
  query(name: string): string | undefined;
  /** The request's Content-Type, without its parameters, in lower case; "" for none. */
  readonly contentType: string;
  /** Called once if the peer goes away before the answer is complete. */
  onAbort: (() => void) | undefined;
  /** Whether nothing of it is left: the whole answer has been taken by the operating system, or the peer is gone. */
  readonly isOver: boolean;
  /** Called once when it is over. */
  onOver: (() => void) | undefined;
  /** Reads the whole body as text; one of the two is called, once. `failure` is not yet answered. */
  readBody(onBody: (text: string) => void, onFailure: (failure: BodyFailure) => void): void;
  /** Answers with text: a payload, or `ok`. */
  answer(text: string): void;
  /** Answers that the request can't be: an error of the table, with 400 unless said. */
  refuse(status: number, message: string): void;
  /** Begins an event stream. */
  stream(): StreamedAnswer;
  /** Ends it at once: what has not come of the body, or was not taken of the answer, is dropped. */
  destroy(): void;
}
