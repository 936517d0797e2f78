/** One connection of HTTP/1.1 that is kept alive: a request at a time, and every byte counted by its socket. */
import { connect } from "node:net";
import { fail } from "./fail.mjs";

// What a page's `fetch` sends of itself in Chromium, without cookies: polling is paid for in headers.
const BROWSER_HEADERS = [
  "Connection: keep-alive",
  'sec-ch-ua: "Chromium";v="147", "Not.A/Brand";v="8"',
  "sec-ch-ua-mobile: ?0",
  'sec-ch-ua-platform: "Linux"',
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36",
  "Accept: */*",
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-Mode: cors",
  "Sec-Fetch-Dest: empty",
  "Referer: http://127.0.0.1/",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: en-US,en;q=0.9",
].join("\r\n");

export class HttpConnection {
  /** @type {import("node:net").Socket} */
  socket;
  /** What has come and is not understood yet. Everything that is sent here is ASCII. */
  #rest = "";
  /** The answer that is arriving: how much of its body is missing, or of the chunk. */
  #inBody = false;
  #chunked = false;
  #missing = 0;
  #body = "";
  /** @type {((body: string) => void) | undefined} */
  #onAnswer;
  /** @type {((text: string) => void) | undefined} */
  #onPart;

  /** @param {number} port */
  constructor(port) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text) => this.#receive(String(text)));
    this.socket.on("error", (error) => fail(`a connection failed: ${error.message}`));
    this.socket.on("close", () => fail("the server closed a connection"));
  }

  /**
   * @param {string} path
   * @param {(body: string) => void} onAnswer
   */
  get(path, onAnswer) {
    this.#onAnswer = onAnswer;
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${BROWSER_HEADERS}\r\n\r\n`);
  }

  /**
   * @param {string} path
   * @param {string} body
   * @param {(body: string) => void} onAnswer
   */
  post(path, body, onAnswer) {
    this.#onAnswer = onAnswer;
    const own = `Content-Length: ${body.length}\r\nContent-Type: text/plain;charset=UTF-8`;
    this.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${own}\r\n${BROWSER_HEADERS}\r\n\r\n${body}`,
    );
  }

  /**
   * A request whose answer has no end.
   * @param {string} path
   * @param {(text: string) => void} onPart
   */
  stream(path, onPart) {
    this.#onPart = onPart;
    this.get(path, () => fail("the server ended a stream"));
  }

  /** @param {string} text */
  #receive(text) {
    this.#rest = this.#rest === "" ? text : this.#rest + text;
    while (this.#inBody ? this.#takeBody() : this.#takeHead());
  }

  /** Each of these takes a step, and returns whether there may be another. */
  #takeHead() {
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const head = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 4);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    this.#chunked = length === undefined && /^transfer-encoding: *chunked/im.test(head);
    if (length === undefined && !this.#chunked) fail(`an answer has no length: ${head}`);
    if (!head.startsWith("HTTP/1.1 200 ")) fail(`an answer is not 200: ${head}\n${this.#rest}`);
    this.#missing = Number(length ?? 0);
    this.#inBody = true;
    return true;
  }

  #takeBody() {
    if (this.#chunked) return this.#takeChunk();
    const part = this.#rest.slice(0, this.#missing);
    this.#rest = this.#rest.slice(part.length);
    this.#missing -= part.length;
    this.#body += part;
    return this.#missing === 0 && this.#endAnswer();
  }

  #takeChunk() {
    const lineEnd = this.#rest.indexOf("\r\n");
    if (lineEnd < 0) return false;
    const size = Number.parseInt(this.#rest, 16);
    const end = lineEnd + 2 + size + 2;
    if (this.#rest.length < end) return false;
    const part = this.#rest.slice(lineEnd + 2, end - 2);
    this.#rest = this.#rest.slice(end);
    if (size === 0) return this.#endAnswer();
    if (this.#onPart === undefined) this.#body += part;
    else this.#onPart(part);
    return true;
  }

  #endAnswer() {
    const body = this.#body;
    const onAnswer = this.#onAnswer;
    this.#body = "";
    this.#inBody = false;
    this.#onAnswer = undefined;
    if (onAnswer === undefined) fail("an answer came without a request");
    onAnswer?.(body);
    return this.#rest !== "";
  }
}
