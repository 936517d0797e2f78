import { must, Unexpected } from "../lib/verdict.ts";
import type { DeflateParameters } from "./wire/deflate.ts";
import {
  agree,
  type DeflateWish,
  parseExtensions,
  readParameters,
  writeExtension,
} from "./wire/extension.ts";
import { acceptValue, type Answer, field, hasToken, readAnswer, USUAL_KEY } from "../lib/wire/http.ts";
import { Peer } from "./wire/peer.ts";
import { type Address, ByteStream } from "../lib/wire/stream.ts";

/** How a request departs from the plain valid one. */
export interface RequestChanges {
  method?: string;
  target?: string;
  /** Default: `HTTP/1.1`. */
  version?: string;
  /** Fields to replace by name, in any case; an array repeats the field, `undefined` leaves it out. */
  set?: Record<string, string | readonly string[] | undefined>;
  /** Lines to put after the fields as they are, each with its own line end. */
  rawLines?: string;
}

/** The suite before a server: it asks to come in, in right and wrong ways. */
export class Door {
  readonly address: Address;
  readonly #streams: ByteStream[] = [];
  readonly #peers: Peer[] = [];
  #doing = "a TCP connection";

  constructor(address: Address) {
    this.address = address;
  }

  async dial(): Promise<ByteStream> {
    const stream = await ByteStream.dial(this.address);
    this.#streams.push(stream);
    return stream;
  }

  /** The opening request as text. */
  request(changes: RequestChanges = {}): string {
    const {
      method = "GET",
      target = this.address.target,
      version = "HTTP/1.1",
      set = {},
      rawLines = "",
    } = changes;
    const fields = new Map<string, string | readonly string[] | undefined>([
      ["Host", `${this.address.host}:${this.address.port}`],
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Key", USUAL_KEY],
      ["Sec-WebSocket-Version", "13"],
    ]);
    for (const [name, value] of Object.entries(set)) {
      const usual = [...fields.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
      if (usual && usual !== name) fields.delete(usual);
      fields.set(name, value);
    }
    let text = `${method} ${target} ${version}\r\n`;
    for (const [name, value] of fields) {
      for (const one of value === undefined ? [] : [value].flat()) text += `${name}: ${one}\r\n`;
    }
    return `${text}${rawLines}\r\n`;
  }

  /** Reads the answer and checks that it opens the connection as it must. */
  async expectOpen(stream: ByteStream, offers: readonly DeflateWish[] = [], key = USUAL_KEY): Promise<Peer> {
    const { answer, peer } = await this.open(stream, offers, key);
    const protocol = field(answer, "sec-websocket-protocol");
    must(
      protocol === undefined,
      "no subprotocol, as none was offered",
      `Sec-WebSocket-Protocol: ${protocol}`,
    );
    return peer;
  }

  /** As `expectOpen`, but leaves the subprotocol to the caller. */
  async open(
    stream: ByteStream,
    offers: readonly DeflateWish[] = [],
    key = USUAL_KEY,
  ): Promise<{ answer: Answer; peer: Peer }> {
    this.#doing = "HTTP 101";
    const answer = await readAnswer(stream);
    must(typeof answer !== "string", "HTTP 101", answer as string);
    must(
      answer.status === 101,
      "HTTP 101",
      `HTTP ${answer.status}${answer.body ? ` "${answer.body.slice(0, 80)}"` : ""}`,
    );
    must(answer.line.startsWith("HTTP/1.1 "), "an answer in HTTP/1.1", `"${answer.line}"`);
    must(
      hasToken(answer, "upgrade", "websocket"),
      "Upgrade: websocket",
      `Upgrade: ${field(answer, "upgrade")}`,
    );
    must(
      hasToken(answer, "connection", "upgrade"),
      "Connection: Upgrade",
      `Connection: ${field(answer, "connection")}`,
    );
    const accept = field(answer, "sec-websocket-accept");
    must(
      accept === acceptValue(key),
      `Sec-WebSocket-Accept: ${acceptValue(key)}`,
      `Sec-WebSocket-Accept: ${accept}`,
    );
    const peer = new Peer(stream, "client", readAgreement(answer, offers));
    this.#peers.push(peer);
    return { answer, peer };
  }

  /** Sends a request and reads the answer that must open the connection. */
  async enter(changes: RequestChanges = {}, offers: readonly DeflateWish[] = []): Promise<Peer> {
    const stream = await this.dial();
    const set =
      offers.length === 0 ? {} : { "Sec-WebSocket-Extensions": offers.map(writeExtension).join(", ") };
    await stream.write(this.request({ ...changes, set: { ...set, ...changes.set } }));
    return this.expectOpen(stream, offers);
  }

  /** Sends anything and expects a complete HTTP answer with one of these statuses. */
  async expectRefusal(request: Uint8Array | string, statuses: readonly number[] | "any"): Promise<Answer> {
    const stream = await this.dial();
    await stream.write(request);
    const allowed = statuses === "any" ? "that is not 101" : statuses.join(" or ");
    const expected = `a complete HTTP answer ${allowed}`;
    this.#doing = expected;
    const answer = await readAnswer(stream, request.toString().startsWith("HEAD "));
    must(typeof answer !== "string", expected, answer as string);
    const refused = statuses === "any" ? answer.status !== 101 : statuses.includes(answer.status);
    must(refused, expected, `HTTP ${answer.status}`);
    return answer;
  }

  /** Sends what is no request at all and expects an HTTP error, or just the end of the stream. */
  async expectRejection(bytes: Uint8Array | string): Promise<void> {
    const stream = await this.dial();
    await stream.write(bytes);
    this.#doing = "an HTTP error or the end of the stream";
    const head = await stream.readThrough("\r\n\r\n");
    if (!head) return;
    const status = Number(head.toString("latin1", 9, 12));
    must(status >= 400 && status < 600, this.#doing, `"${head.toString("latin1").split("\r\n")[0]}"`);
  }

  giveUp(afterMs: number): Unexpected {
    for (const peer of this.#peers) {
      const error = peer.giveUp(afterMs);
      if (error) return error;
    }
    return new Unexpected(this.#doing, `nothing complete in ${afterMs} ms`);
  }

  destroy(): void {
    for (const peer of this.#peers) peer.destroy();
    for (const stream of this.#streams) stream.destroy();
  }
}

/** What the server's answer says about extensions; anything but one of our offers fails the case. */
function readAgreement(answer: Answer, offers: readonly DeflateWish[]): DeflateParameters | undefined {
  const text = field(answer, "sec-websocket-extensions");
  if (text === undefined) return undefined;
  const got = `Sec-WebSocket-Extensions: ${text}`;
  const [extension, ...others] = parseExtensions(text);
  const ours = extension?.name === "permessage-deflate" && others.length === 0 && offers.length > 0;
  must(ours, offers.length > 0 ? "one offer of permessage-deflate taken up, or none" : "no extension", got);
  const parameters = readParameters(extension, false);
  must(
    typeof parameters !== "string",
    "valid parameters of permessage-deflate",
    `${got}, with ${parameters as string}`,
  );
  const agreements = offers.map((offer) => agree(offer, parameters));
  const agreement = agreements.find((one) => typeof one !== "string");
  if (agreement) return agreement;
  throw new Unexpected("an answer that takes up one of the offers", `${got}, ${agreements[0] as string}`);
}
