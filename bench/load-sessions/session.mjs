/** A client: sends a message, awaits its echo, sends the next one. */
import { fail } from "./fail.mjs";
import { transports } from "./transports.mjs";

/** After so many messages a client in a link says what it has received (docs/protocol/link.md). */
const MESSAGES_PER_ACK = 256;

/**
 * @typedef {object} SessionSettings
 * @property {string} transport which of `transports`
 * @property {number} port
 * @property {boolean} link
 * @property {number} pollEvery short polling: milliseconds from poll to poll
 * @property {string} message
 * @property {number} every milliseconds from message to message, half of it to one and a half; 0: at once
 */

export class Session {
  #settings;
  #transport;
  #onEcho;
  #message;
  #received = 0;
  #sentAt = 0;
  #isSending = false;

  /**
   * @param {SessionSettings} settings
   * @param {() => void} onOpen
   * @param {(latencyMs: number) => void} onEcho
   */
  constructor(settings, onOpen, onEcho) {
    const open = transports[settings.transport];
    if (open === undefined) fail(`there is no transport ${settings.transport}`);
    this.#settings = settings;
    this.#onEcho = onEcho;
    this.#message = `4${settings.message}`;
    this.#transport = open(settings, {
      onOpen,
      count: (packets) => {
        for (const packet of packets) if (packet.startsWith("4")) this.#received += 1;
      },
      receive: (packets) => {
        for (const packet of packets) this.#receive(packet);
      },
      received: () => this.#received,
    });
  }

  get bytesUp() {
    return this.#transport.sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0);
  }

  get bytesDown() {
    return this.#transport.sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
  }

  /** Begins; the first message goes at some moment of the first interval, so that clients do not march in step. */
  start() {
    setTimeout(() => this.#send(), Math.random() * this.#settings.every);
  }

  #send() {
    this.#isSending = true;
    this.#sentAt = performance.now();
    this.#transport.send(this.#message);
  }

  /** @param {string} packet */
  #receive(packet) {
    if (packet === this.#message) this.#receiveEcho();
    else if (packet.startsWith("2")) this.#transport.send(this.#settings.link ? `3${this.#received}` : "3");
    else if (!packet.startsWith("6")) fail(`the server sent ${packet === "" ? "an empty packet" : packet}`);
  }

  #receiveEcho() {
    if (!this.#isSending) fail("the server sent an echo twice");
    this.#isSending = false;
    const now = performance.now();
    this.#onEcho(now - this.#sentAt);
    const { link, every } = this.#settings;
    if (link && !this.#transport.isPolling && this.#received % MESSAGES_PER_ACK === 0) {
      this.#transport.send(`6${this.#received}`);
    }
    if (every === 0) this.#send();
    else setTimeout(() => this.#send(), this.#sentAt + every * (0.5 + Math.random()) - now);
  }
}
