import type { IncomingMessage } from "node:http";
import { type DeflateWishes, HandshakeError, type UpgradeOffer } from "../protocol/index.ts";
import { admit, type ApplicationErrorHandler } from "./admission.ts";
import type { IncomingHandshake } from "./incoming-handshake.ts";
import type { WebSocketServerOptions } from "./server-options.ts";
import { chooseUpgrade, type UpgradeChoice } from "./upgrade.ts";

/** What an acceptor asks its server, and tells it. */
export interface AcceptorHandler {
  shouldHandle(request: IncomingMessage): boolean;
  /** How many connections there are. */
  connectionCount(): number;
  /** The peer has been answered. */
  onRefused(error: HandshakeError, handshake: IncomingHandshake): void;
  /** A handshake is not undecided any more. */
  onDecided(): void;
  readonly onApplicationError: ApplicationErrorHandler;
}

/** Takes opening handshakes through all checks, to a choice or a refusal. */
export class Acceptor {
  readonly #options: WebSocketServerOptions;
  readonly #wishes: DeflateWishes | undefined;
  readonly #handler: AcceptorHandler;
  #undecided = 0;
  #isClosed = false;

  constructor(options: WebSocketServerOptions, wishes: DeflateWishes | undefined, handler: AcceptorHandler) {
    this.#options = options;
    this.#wishes = wishes;
    this.#handler = handler;
  }

  /** How many handshakes are being decided about. */
  get undecided(): number {
    return this.#undecided;
  }

  /** Refuses all handshakes from now on, also those that are undecided. */
  close(): void {
    this.#isClosed = true;
  }

  /** Decides about a handshake; calls back, in this turn or later, if it is to be accepted. */
  receive(handshake: IncomingHandshake, onAdmitted: (choice: UpgradeChoice) => void): void {
    const { request, stream } = handshake;
    if (!stream.readable || !stream.writable) {
      // The peer left while its handshake waited to be handed over: no event would ever end the connection.
      stream.destroy();
      return;
    }
    let offer: ReturnType<IncomingHandshake["check"]>;
    try {
      this.#check(request);
      offer = handshake.check();
    } catch (error) {
      this.#refuse(handshake, error);
      return;
    }
    // The peer may leave while the application decides.
    const onError = (): void => void stream.destroy();
    stream.on("error", onError);
    this.#undecided += 1;
    admit(request, this.#options, this.#handler.onApplicationError, (error) => {
      stream.off("error", onError);
      this.#undecided -= 1;
      if (error !== undefined) this.#refuse(handshake, error);
      else if (!stream.readable || !stream.writable) stream.destroy();
      else this.#complete(handshake, offer, onAdmitted);
      this.#handler.onDecided();
    });
  }

  #check(request: IncomingMessage): void {
    this.#checkOpen();
    if (!this.#handler.shouldHandle(request)) {
      throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 400, "There is no WebSocket at this path.");
    }
    const { maxConnections = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#handler.connectionCount() + this.#undecided >= maxConnections) {
      throw new HandshakeError(
        "WS_ERR_HANDSHAKE_REFUSED",
        503,
        "The server has as many connections as it takes.",
      );
    }
  }

  #checkOpen(): void {
    if (!this.#isClosed) return;
    throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 503, "The server is shutting down.");
  }

  #complete(
    handshake: IncomingHandshake,
    offer: Pick<UpgradeOffer, "protocols" | "extensions">,
    onAdmitted: (choice: UpgradeChoice) => void,
  ): void {
    let choice: UpgradeChoice;
    try {
      // The application may have taken long to decide.
      this.#checkOpen();
      choice = chooseUpgrade(
        offer,
        (offered) => this.#chooseProtocol(offered, handshake.request),
        this.#wishes,
      );
    } catch (error) {
      this.#refuse(handshake, error);
      return;
    }
    onAdmitted(choice);
  }

  #chooseProtocol(offered: readonly string[], request: IncomingMessage): string {
    const choose = this.#options.handleProtocols;
    if (choose === undefined) return offered[0]!;
    try {
      const chosen = choose(new Set(offered), request);
      return chosen !== false && offered.includes(chosen) ? chosen : "";
    } catch (error) {
      this.#handler.onApplicationError(error, "handleProtocols");
      throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 500, "The server could not choose a subprotocol.");
    }
  }

  #refuse(handshake: IncomingHandshake, error: unknown): void {
    if (!(error instanceof HandshakeError)) throw error;
    handshake.refuse(error);
    this.#handler.onRefused(error, handshake);
  }
}
