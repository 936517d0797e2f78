/**
 * A message that many sessions get: the layer above makes it once and hands it down unopened; each kind of transport
 * keeps its encoding of it here, so that a broadcast is encoded once per encoding and not once per receiver.
 */
export class PreparedMessage {
  /** The text of the message. */
  readonly text: string;
  /** Binary messages that follow it. */
  readonly attachments: readonly Uint8Array[];
  /** Whether it may be compressed on WebSockets that have agreed on that. */
  readonly mayCompress: boolean;
  readonly #encodings = new Map<string, object>();
  #textBytes: number | undefined;

  constructor(text: string, attachments: readonly Uint8Array[] = [], mayCompress = true) {
    this.text = text;
    this.attachments = attachments;
    this.mayCompress = mayCompress;
  }

  /** How long the text is in UTF-8. */
  get textBytes(): number {
    return (this.#textBytes ??= Buffer.byteLength(this.text));
  }

  /** The encoding of this name, made by `encode` the first time it is asked for; a name stands for one type of it. */
  encoding<Encoding extends object>(name: string, encode: (message: PreparedMessage) => Encoding): Encoding {
    let encoding = this.#encodings.get(name);
    if (encoding === undefined) {
      encoding = encode(this);
      this.#encodings.set(name, encoding);
    }
    return encoding as Encoding;
  }
}
