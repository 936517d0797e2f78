import { type SocketPacket, SocketPacketDecoder, type SocketPacketType } from "../../src/packets/index.ts";

/** A packet; what is left out is what most packets have. */
export function packet(
  type: SocketPacketType,
  data?: unknown,
  { id, namespace = "/", position }: { id?: number; namespace?: string; position?: number } = {},
): SocketPacket {
  return { type, namespace, id, data, position };
}

/** Decodes one packet: its text, then its attachments. Throws if it is then not complete, or was so before. */
export function decodeWhole(text: string, attachments: readonly Uint8Array[] = []): SocketPacket {
  const decoder = new SocketPacketDecoder();
  let complete = decoder.addText(text);
  for (const [index, bytes] of attachments.entries()) {
    if (complete !== undefined) throw new Error(`Complete before attachment ${index}.`);
    complete = decoder.addBinary(bytes);
  }
  if (complete === undefined) throw new Error("Attachments are still due.");
  return complete;
}
