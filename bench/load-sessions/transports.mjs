/** The four ways in which a client's packets travel. Each opens its session itself and then reports packets. */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { fail } from "./fail.mjs";
import { HttpConnection } from "./http-connection.mjs";

/**
 * @typedef {object} Sink what a transport tells its session
 * @property {() => void} onOpen
 * @property {(packets: readonly string[]) => void} count called first, so that what is sent meanwhile can say it
 * @property {(packets: readonly string[]) => void} receive
 * @property {() => number} received how many messages have come
 * @typedef {object} Transport
 * @property {readonly import("node:net").Socket[]} sockets
 * @property {boolean} isPolling whether each request says what was received
 * @property {(packet: string) => void} send
 * @typedef {{ port: number, link: boolean, pollEvery: number }} Settings
 */

const PATH = "/engine.io/?EIO=4";
const SEPARATOR = "\x1e";

/** @type {Record<string, (settings: Settings, sink: Sink) => Transport>} */
export const transports = {
  websocket: (settings, sink) => new WebSocketTransport(settings, sink),
  sse: (settings, sink) => new SseTransport(settings, sink),
  long: (settings, sink) => new PollingTransport({ ...settings, pollEvery: 0 }, sink),
  short: (settings, sink) => new PollingTransport(settings, sink),
};

/** What long polling, short polling and SSE share: the handshake, and POST for what the client sends, one at a time. */
class RequestTransport {
  /** For what comes, and for what is sent: as a browser would use two. */
  down;
  up;
  #link;
  #query = "";
  /** How many messages were sent before those in `#waiting`. */
  #sent = 0;
  /** @type {string[]} */
  #waiting = [];
  #posting = false;

  /**
   * @param {Settings} settings
   * @param {string} name
   * @param {number} move
   * @param {() => void} onSession
   */
  constructor({ port, link }, name, move, onSession) {
    this.down = new HttpConnection(port);
    this.up = new HttpConnection(port);
    this.#link = link;
    this.down.get(`${PATH}&transport=polling${link ? "&link=1" : ""}`, (body) => {
      const [open = ""] = body.split(SEPARATOR);
      if (!open.startsWith("0{")) fail(`not an open packet: ${open}`);
      const { sid, link: agreed } = JSON.parse(open.slice(1));
      if (link && agreed !== 1) fail("the server knows no links");
      this.#query = `${PATH}&transport=${name}&sid=${sid}${link ? `&move=${move}` : ""}`;
      onSession();
    });
  }

  get sockets() {
    return [this.down.socket, this.up.socket];
  }

  /**
   * The path of a request, with `more` of a link in its query.
   * @param {string} more
   */
  path(more) {
    return this.#link ? this.#query + more : this.#query;
  }

  /** @param {string} packet */
  send(packet) {
    this.#waiting.push(packet);
    if (!this.#posting) this.#post();
  }

  #post() {
    const packets = this.#waiting;
    this.#waiting = [];
    this.#posting = true;
    this.up.post(this.path(`&seq=${this.#sent + 1}`), packets.join(SEPARATOR), (body) => {
      if (body !== "ok") fail(`a POST was answered with ${body}`);
      this.#posting = false;
      if (this.#waiting.length > 0) this.#post();
    });
    this.#sent += packets.filter((packet) => packet.startsWith("4")).length;
  }
}

/** Long polling: a GET is always held. Short polling: every so many milliseconds, answered at once. */
class PollingTransport extends RequestTransport {
  isPolling = true;
  #sink;
  #polling = false;
  #isShort;

  /**
   * @param {Settings} settings
   * @param {Sink} sink
   */
  constructor(settings, sink) {
    super(settings, "polling", 0, () => {
      if (this.#isShort) setInterval(() => this.#poll(), settings.pollEvery);
      else this.#poll();
      sink.onOpen();
    });
    this.#sink = sink;
    this.#isShort = settings.pollEvery > 0;
  }

  #poll() {
    if (this.#polling) return;
    this.#polling = true;
    const path = this.path(`&ack=${this.#sink.received()}${this.#isShort ? "&hold=0" : ""}`);
    this.down.get(path, (body) => {
      this.#polling = false;
      const packets = body.split(SEPARATOR);
      this.#sink.count(packets);
      if (!this.#isShort) this.#poll();
      this.#sink.receive(packets);
    });
  }
}

/** Begins by polling and moves to the event stream, as the client does. */
class SseTransport extends RequestTransport {
  isPolling = false;
  #sink;
  #isOpen = false;
  #rest = "";

  /**
   * @param {Settings} settings
   * @param {Sink} sink
   */
  constructor(settings, sink) {
    super(settings, "sse", 1, () => this.down.stream(this.path("&ack=0"), (text) => this.#receive(text)));
    this.#sink = sink;
  }

  /** @param {string} text */
  #receive(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    const packets = lines.filter((line) => line.startsWith("data:")).map(packetOf);
    if (!this.#isOpen && packets.length > 0) {
      this.#isOpen = true;
      this.#sink.onOpen();
    }
    this.#sink.count(packets);
    this.#sink.receive(packets);
  }
}

/** @param {string} line */
function packetOf(line) {
  const data = line.slice("data:".length).trim();
  return data.startsWith('"') ? JSON.parse(data) : data;
}

/** One connection; frames are written and read here, so that nothing stands between the bytes and the counting. */
class WebSocketTransport {
  isPolling = false;
  #sink;
  #socket;
  #isUpgraded = false;
  #isOpen = false;
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);

  /**
   * @param {Settings} settings
   * @param {Sink} sink
   */
  constructor({ port, link }, sink) {
    this.#sink = sink;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    socket.on("data", (chunk) => this.#receive(/** @type {Buffer} */ (chunk)));
    socket.on("error", (error) => fail(`a connection failed: ${error.message}`));
    socket.on("close", () => fail("the server closed a connection"));
    socket.write(
      `GET ${PATH}&transport=websocket${link ? "&link=1" : ""} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n` +
        `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    );
  }

  get sockets() {
    return [this.#socket];
  }

  /** @param {string} packet */
  send(packet) {
    const { length } = packet;
    if (length > 125) fail("longer messages are not written here");
    const frame = Buffer.alloc(6 + length);
    frame[0] = 0x81;
    frame[1] = 0x80 | length;
    MASK.copy(frame, 2);
    for (let i = 0; i < length; i += 1) frame[6 + i] = packet.charCodeAt(i) ^ (MASK[i & 3] ?? 0);
    this.#socket.write(frame);
  }

  /** @param {Buffer} chunk */
  #receive(chunk) {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#isUpgraded) {
      const end = rest.indexOf("\r\n\r\n");
      if (end >= 0 && !rest.toString("latin1").startsWith("HTTP/1.1 101"))
        fail(`refused: ${rest.toString("latin1")}`);
      this.#isUpgraded = end >= 0;
      if (end >= 0) rest = rest.subarray(end + 4);
    }
    /** @type {string[]} */
    const packets = [];
    while (this.#isUpgraded && rest.length >= 2) {
      const extended = rest[1] === 126;
      if (rest[0] !== 0x81 || (rest[1] ?? 0) > 126) fail("the server sent an unexpected frame");
      if (extended && rest.length < 4) break;
      const start = extended ? 4 : 2;
      const end = start + (extended ? rest.readUInt16BE(2) : (rest[1] ?? 0));
      if (rest.length < end) break;
      packets.push(rest.latin1Slice(start, end));
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    if (!this.#isOpen && packets.length > 0) {
      const open = packets.shift();
      if (!open?.startsWith("0{")) fail(`not an open packet: ${open}`);
      this.#isOpen = true;
      this.#sink.onOpen();
    }
    this.#sink.count(packets);
    this.#sink.receive(packets);
  }
}

// Any key is as good as another for a test; servers unmask all of them alike.
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
