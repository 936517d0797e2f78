import { readJson, readPayloadPacket } from "../../packets/index.ts";
import type { Endpoint } from "../endpoint.ts";
import type { SessionFacts } from "../session-facts.ts";
import type { TransportSink } from "../transport.ts";
import { readPieces } from "../fetch.ts";
import { EventStreamParser } from "./event-stream.ts";
import { RequestTransport } from "./request-transport.ts";

/** Our server-sent events, only in links: one GET whose answer never ends, read as it comes, and POSTs. */
export class SseTransport extends RequestTransport {
  readonly kind = "sse";

  constructor(endpoint: Endpoint, facts: SessionFacts, sink: TransportSink) {
    super(endpoint, facts, sink);
    this.#read().then(
      () => this.lost(undefined),
      (error: unknown) => this.lost(error as Error),
    );
  }

  async #read(): Promise<void> {
    // Not before the constructor has returned.
    await Promise.resolve();
    if (this.sink === undefined) return;
    const { body } = await this.get();
    if (body === null) return;
    const parser = new EventStreamParser((data) => {
      readPayloadPacket(
        data.startsWith('"') ? String(readJson(data)) : data,
        this.endpoint.platform.base64,
        this,
      );
    });
    await readPieces(body, (text) => parser.add(text));
  }
}
