/**
 * A message that many sessions get: the layer above makes it once and hands it down unopened; each kind of transport
 * keeps its encoding of it here, so that a broadcast is encoded once per encoding and not once per receiver.
 */
export class PreparedMessage {
  /** The text of the message. */
  readonly text: string;
  /** Binary messages that follow it. */
  readonly attachments: readonly Uint8Array[];
  readonly #encodings = new Map<string, Uint8Array>();

  constructor(text: string, attachments: readonly Uint8Array[] = []) {
    this.text = text;
    this.attachments = attachments;
  }

  /** The encoding of this name, made by `encode` the first time it is asked for. */
  encoding(name: string, encode: (message: PreparedMessage) => Uint8Array): Uint8Array {
    let bytes = this.#encodings.get(name);
    if (bytes === undefined) {
      bytes = encode(this);
      this.#encodings.set(name, bytes);
    }
    return bytes;
  }
}
