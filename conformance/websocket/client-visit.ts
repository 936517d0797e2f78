import { must, NotApplicable, Unexpected } from "../lib/verdict.ts";
import type { DeflateParameters } from "./wire/deflate.ts";
import { describeBytes } from "../lib/wire/describe.ts";
import {
  agree,
  type DeflateWish,
  parseExtensions,
  readParameters,
  writeExtension,
} from "./wire/extension.ts";
import { acceptValue, field, type Head } from "../lib/wire/http.ts";
import { Peer } from "./wire/peer.ts";
import type { ByteStream } from "../lib/wire/stream.ts";

/** How an answer departs from the plain valid one. */
export interface AnswerChanges {
  /** The status line. */
  line?: string;
  /** Fields to replace by name; `undefined` leaves the field out. */
  set?: Record<string, string | undefined>;
  /** Write the field names in lower case. */
  lowerCase?: boolean;
  /** Spoil the accept value by writing it in upper case. */
  upperCaseAccept?: boolean;
}

/** One connection of a client under test: it has sent its request and waits for the answer. */
export class ClientVisit {
  readonly head: Head;
  readonly stream: ByteStream;
  #peer: Peer | undefined;
  #doing = "the client to go on";

  constructor(stream: ByteStream, head: Head) {
    this.stream = stream;
    this.head = head;
  }

  /** The answer as text. */
  answerText({
    line = "HTTP/1.1 101 Switching Protocols",
    set,
    lowerCase,
    upperCaseAccept,
  }: AnswerChanges = {}): string {
    const accept = acceptValue(field(this.head, "sec-websocket-key") ?? "");
    const fields: Record<string, string | undefined> = {
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Accept": upperCaseAccept ? accept.toUpperCase() : accept,
      ...set,
    };
    const lines = Object.entries(fields).map(([name, value]) =>
      value === undefined ? "" : `${lowerCase ? name.toLowerCase() : name}: ${value}\r\n`,
    );
    return `${line}\r\n${lines.join("")}\r\n`;
  }

  answer(changes: AnswerChanges = {}): Promise<void> {
    return this.stream.write(this.answerText(changes));
  }

  /** The open connection, once the answer has been written. */
  peer(deflate?: DeflateParameters): Peer {
    this.#peer = new Peer(this.stream, "server", deflate);
    return this.#peer;
  }

  async open(changes: AnswerChanges = {}): Promise<Peer> {
    await this.answer(changes);
    return this.peer();
  }

  /** Opens the connection with compression as wished; undefined if the client's offers don't allow that. */
  async openDeflate(wish: DeflateWish): Promise<Peer | undefined> {
    for (const offer of this.#deflateOffers()) {
      const answer = answerTo(offer, wish);
      const agreed = answer && agree(offer, answer);
      if (!agreed || typeof agreed === "string") continue;
      await this.answer({ set: { "Sec-WebSocket-Extensions": writeExtension(answer) } });
      return this.peer(agreed);
    }
    return undefined;
  }

  /** Makes the case not applicable unless the client offers permessage-deflate. */
  demandDeflateOffer(): void {
    if (this.#deflateOffers().length === 0)
      throw new NotApplicable("the client does not offer permessage-deflate");
  }

  /** The client ends the stream and sends nothing more: to it the connection never opened. */
  async expectLeaving(): Promise<void> {
    this.#doing = "the end of the stream";
    const bytes = await this.stream.readToEnd();
    must(bytes.length === 0, "the end of the stream", describeBytes(bytes));
  }

  giveUp(afterMs: number): Unexpected {
    return this.#peer?.giveUp(afterMs) ?? new Unexpected(this.#doing, `nothing in ${afterMs} ms`);
  }

  destroy(): void {
    this.#peer?.destroy();
    this.stream.destroy();
  }

  #deflateOffers(): DeflateWish[] {
    const text = field(this.head, "sec-websocket-extensions");
    const extensions = text === undefined ? [] : parseExtensions(text);
    return extensions
      .filter(({ name }) => name === "permessage-deflate")
      .map((extension) => readParameters(extension, true))
      .filter((offer) => typeof offer !== "string");
  }
}

/** The answer that brings a wish about as far as the offer allows (RFC 7692 §7.1); undefined if it doesn't. */
function answerTo(offer: DeflateWish, wish: DeflateWish): DeflateWish | undefined {
  const { clientMaxWindowBits, ...answer } = wish;
  if (offer.serverNoContextTakeover) answer.serverNoContextTakeover = true;
  if (offer.serverMaxWindowBits) {
    answer.serverMaxWindowBits = Math.min(offer.serverMaxWindowBits, answer.serverMaxWindowBits ?? 15);
  }
  if (clientMaxWindowBits === undefined || clientMaxWindowBits === true) return answer;
  if (offer.clientMaxWindowBits === undefined) return undefined;
  if (typeof offer.clientMaxWindowBits === "number" && offer.clientMaxWindowBits < clientMaxWindowBits)
    return undefined;
  return { ...answer, clientMaxWindowBits };
}
