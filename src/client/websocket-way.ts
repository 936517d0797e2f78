import { encodeEnginePacket, type Message } from "../packets/index.ts";
import { isTooMuch, MAX_BUFFERED_BYTES } from "./backlog.ts";
import { Candidate } from "./candidate.ts";
import type { Endpoint } from "./endpoint.ts";
import { Hold } from "./hold.ts";
import type { ManagerOptions } from "./options.ts";
import { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportSink } from "./transport.ts";
import { WebSocketTransport } from "./transports/websocket.ts";
import type { MakeWays, OpeningSink, SessionLine, Ways } from "./ways.ts";

/** WebSocket alone: a session lives and ends with its transport. */
class WebSocketWay implements Ways {
  open(endpoint: Endpoint, { transports }: ManagerOptions, sink: OpeningSink): { cancel(): void } {
    if (transports?.some((name) => name !== "websocket") === true) {
      throw new TypeError(
        `There is no transport but "websocket" here: "switchboard/client" has all of them.`,
      );
    }
    const facts = new SessionFacts(undefined, new Hold());
    const candidate = new Candidate(
      (_kind, facts, sink) => new WebSocketTransport(endpoint, facts, sink),
      "websocket",
      facts,
      {
        onOpened: () => sink.onOpened(candidate.transport, facts, false),
        onFailed: (error) => sink.onOpeningFailed(error),
      },
    );
    return { cancel: () => candidate.cancel() };
  }

  line(
    _endpoint: Endpoint,
    { maxBufferedBytes = MAX_BUFFERED_BYTES }: ManagerOptions,
    _facts: SessionFacts,
    transport: Transport,
    sink: TransportSink,
  ): SessionLine {
    return new WebSocketLine(transport, sink, maxBufferedBytes);
  }

  worked(): void {}
}

/** The one transport of a session. There are no links here, and so nothing to do for them. */
class WebSocketLine implements SessionLine {
  readonly isAttached = true;
  readonly isJoined = true;
  readonly #transport: Transport;

  readonly #maxBufferedBytes: number;

  constructor(transport: Transport, sink: TransportSink, maxBufferedBytes: number) {
    this.#transport = transport;
    this.#maxBufferedBytes = maxBufferedBytes;
    transport.sink = sink;
  }

  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  problemWith(messages: readonly Message[]): Error | undefined {
    const most = this.#maxBufferedBytes;
    return isTooMuch(this.bufferedBytes, messages, most)
      ? new Error(`More than ${most} bytes waited to be sent.`)
      : undefined;
  }

  sendMessage(message: Message): void {
    if (typeof message === "string") this.#transport.sendPacket(encodeEnginePacket("message", message));
    else this.#transport.sendBinary(message);
  }

  sendPacket(packet: string): void {
    if (this.problemWith([packet]) === undefined) this.#transport.sendPacket(packet);
  }

  lost(): boolean {
    return false;
  }

  offline(): boolean {
    return false;
  }

  close(): void {
    this.#transport.sendPacket(encodeEnginePacket("close"));
    this.destroy();
  }

  destroy(): void {
    this.#transport.close();
  }

  improve(): void {}
  sendAck(): void {}
  heard(): void {}
  synchronized(): void {}
  distrust(): void {}
  renew(): void {}
}

/** Makes it for any server. */
export const webSocketWay: MakeWays = () => new WebSocketWay();
