import { must } from "../../lib/verdict.ts";
import { type Answer, field, readAnswer } from "../../lib/wire/http.ts";
import type { ByteStream } from "../../lib/wire/stream.ts";
import type { Waits } from "../waits.ts";
import { describePacket, splitPayload } from "./packets.ts";

/** What each code of an error answer says. */
export const ERRORS = {
  0: "Transport unknown",
  1: "Session ID unknown",
  2: "Bad handshake method",
  3: "Bad request",
  4: "Forbidden",
  5: "Unsupported protocol version",
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** One HTTP request that was sent, and what comes of it. */
export class Exchange {
  readonly stream: ByteStream;
  readonly #waits: Waits;
  readonly #name: string;
  readonly #answer: Promise<Answer | string>;
  #over = false;

  /** `name` says in words what was asked. */
  constructor(stream: ByteStream, waits: Waits, name: string) {
    this.stream = stream;
    this.#waits = waits;
    this.#name = name;
    const headOnly = name.startsWith("HEAD ");
    this.#answer = readAnswer(stream, headOnly).then((answer) => {
      this.#over = true;
      return answer;
    });
  }

  /** Whether an answer, or the end of the stream, has come. */
  get over(): boolean {
    return this.#over;
  }

  /** The complete answer. */
  async answer(): Promise<Answer> {
    const answer = await this.#waits.on(`an answer to ${this.#name}`, this.#answer);
    must(typeof answer !== "string", `a complete answer to ${this.#name}`, answer as string);
    return answer;
  }

  /** The complete answer, or undefined if the server ended the stream without one. `expected` says what is hoped for. */
  async end(expected = `an answer to ${this.#name}, or the end of its stream`): Promise<Answer | undefined> {
    const answer = await this.#waits.on(expected, this.#answer);
    return typeof answer === "string" ? undefined : answer;
  }

  /** Ends the connection without waiting for the answer. */
  abort(): void {
    this.stream.destroy();
  }
}

export function describeAnswer({ status, body }: Answer): string {
  return `HTTP ${status}${body === "" ? "" : ` ${describePacket(body)}`}`;
}

export function expectStatus(answer: Answer, ...statuses: readonly number[]): void {
  must(statuses.includes(answer.status), `HTTP ${statuses.join(" or ")}`, describeAnswer(answer));
}

/** An error as polling has it: 400 and JSON of a code and its message, and nothing else. */
export function expectError(answer: Answer, code: ErrorCode): void {
  const expected = `HTTP 400 {"code":${code},"message":"${ERRORS[code]}"}`;
  must(answer.status === 400, expected, describeAnswer(answer));
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer.body);
  } catch {
    // Whatever it is, it is not what was expected.
  }
  const same = JSON.stringify(parsed) === JSON.stringify({ code, message: ERRORS[code] });
  must(same, expected, describeAnswer(answer));
  const type = field(answer, "content-type");
  must(/^application\/json\b/i.test(type ?? ""), "content-type: application/json", `content-type: ${type}`);
}

/** An error as upgrade requests have it: a plain HTTP 400 with the message as text, which may end its line. */
export function expectErrorText(answer: Answer, code: ErrorCode): void {
  const got = describeAnswer(answer);
  must(answer.status === 400 && answer.body.trimEnd() === ERRORS[code], `HTTP 400 "${ERRORS[code]}"`, got);
}

/** What a GET brought: 200, as text, never to be stored. Gives the packets. */
export function expectPayload(answer: Answer): string[] {
  expectStatus(answer, 200);
  const type = field(answer, "content-type");
  const right = type?.toLowerCase().replace(/\s/g, "") === "text/plain;charset=utf-8";
  must(right, "content-type: text/plain; charset=UTF-8", `content-type: ${type}`);
  expectNotStored(answer);
  return splitPayload(answer.body);
}

/** What a POST brought: 200 and `ok`. */
export function expectOk(answer: Answer): void {
  must(answer.status === 200 && answer.body === "ok", `HTTP 200 "ok"`, describeAnswer(answer));
  const type = field(answer, "content-type");
  must(/^text\/(plain|html)\b/i.test(type ?? ""), "content-type: text/plain", `content-type: ${type}`);
  expectNotStored(answer);
}

function expectNotStored(answer: Answer): void {
  const control = field(answer, "cache-control");
  must(/\bno-store\b/i.test(control ?? ""), "cache-control: no-store", `cache-control: ${control}`);
}
