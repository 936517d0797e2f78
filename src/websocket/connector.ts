import type { ClientRequest, IncomingMessage } from "node:http";
import type { AdoptedStream } from "./adopted-stream.ts";
import { connect, parseAddress, parseProtocols } from "./client-handshake.ts";
import { connectionOptions } from "./connection-options.ts";
import { deflateSetup, type WebSocketOptions } from "./options.ts";

/** Told what becomes of a client's attempt: one of the first two is called, once. */
export interface ConnectorHandler {
  onConnected(adopted: AdoptedStream, response: IncomingMessage): void;
  onFailed(error: Error): void;
  /** The answer was not 101; returns whether somebody takes care of it. */
  onUnexpectedResponse(request: ClientRequest, response: IncomingMessage): boolean;
  /** A redirect is followed. */
  onRedirect(to: URL, request: ClientRequest): void;
}

/** Connects a client to a server. */
export class Connector {
  /** Where to, at first. */
  readonly url: URL;
  readonly #abort: () => void;

  /** Begins. Throws a `SyntaxError` for a bad address or subprotocol, and what Node throws for options that can't be. */
  constructor(
    address: string | URL,
    protocols: string | readonly string[] | undefined,
    options: WebSocketOptions,
    handler: ConnectorHandler,
  ) {
    this.url = parseAddress(address);
    const names = parseProtocols(protocols);
    const setup = deflateSetup(options.perMessageDeflate ?? true);
    this.#abort = connect(this.url, names, options, setup?.wishes, {
      onUpgraded: ({ stream, head, response, protocol, deflate: parameters }) => {
        const deflate =
          setup === undefined || parameters === undefined
            ? undefined
            : { settings: setup.settings, parameters };
        const common = connectionOptions("client", options);
        handler.onConnected({ stream, answer: "", head, protocol, options: common, deflate }, response);
      },
      onFailed: (error) => handler.onFailed(error),
      onUnexpectedResponse: (request, response) => handler.onUnexpectedResponse(request, response),
      onRedirect: (to, request) => handler.onRedirect(to, request),
    });
  }

  /** Gives up; the handler is told later, so that the user can still begin to listen. */
  abort(): void {
    process.nextTick(this.#abort);
  }
}
