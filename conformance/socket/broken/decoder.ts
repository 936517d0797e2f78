import type { Message, Packet, PacketType } from "../wire/packets.ts";
import type { FaultName } from "./faults.ts";

/** What came breaks the rules. */
export class Breach extends Error {}

const TYPES: readonly PacketType[] = [
  "connect",
  "disconnect",
  "event",
  "ack",
  "connect_error",
  "event",
  "ack",
];
const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
const MOST_ATTACHMENTS = 10;

/**
 * Puts packets together from a session's messages, with at most one fault. Alike `src/packets` and apart from it on
 * purpose: what judges our code must not be our code.
 */
export class Decoder {
  readonly #fault: FaultName | undefined;
  #waiting: Packet | undefined;
  #due = 0;
  #arrived: Buffer[] = [];

  constructor(fault: FaultName | undefined) {
    this.#fault = fault;
  }

  /** Takes a message; gives the packet that it completes. Throws `Breach`. */
  add(message: Message): Packet | undefined {
    return typeof message === "string" ? this.#addText(message) : this.#addBytes(message);
  }

  #has(fault: FaultName): boolean {
    return this.#fault === fault;
  }

  #addText(text: string): Packet | undefined {
    if (this.#waiting && !this.#has("text-while-due")) throw new Breach();
    const { packet, attachments } = this.#parse(text);
    const due = attachments === 0 && this.#has("waits-for-none") && text[0]! >= "5" ? 1 : attachments;
    if (due === 0) return packet;
    this.#waiting = packet;
    this.#due = this.#has("first-attachment-only") ? 1 : due;
    return undefined;
  }

  #addBytes(bytes: Buffer): Packet | undefined {
    const packet = this.#waiting;
    if (!packet) {
      if (this.#has("binary-unannounced")) return undefined;
      throw new Breach();
    }
    this.#arrived.push(bytes);
    if (this.#arrived.length < this.#due) return undefined;
    const attachments = this.#arrived;
    this.#waiting = undefined;
    this.#arrived = [];
    return { ...packet, data: this.#put(packet.data, attachments, { next: 0 }, 0) };
  }

  #put(value: unknown, attachments: readonly Buffer[], order: { next: number }, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (this.#has("shallow-places") && depth > 1) return value;
    const inner = (item: unknown): unknown => this.#put(item, attachments, order, depth + 1);
    if (Array.isArray(value)) return value.map(inner);
    const { _placeholder, num } = value as { _placeholder?: unknown; num?: unknown };
    if (_placeholder !== true) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
    }
    const at = this.#has("places-in-order")
      ? order.next++
      : this.#has("place-as-text")
        ? Number(num)
        : (num as number);
    const bytes = typeof at === "number" ? attachments[at] : undefined;
    if (bytes) return bytes;
    if (this.#has("place-beyond") && Number.isInteger(at) && at >= 0) return null;
    if (this.#has("place-fraction") && typeof at === "number" && at > 0 && at < 1) return null;
    if (this.#has("place-missing") && num === undefined) return null;
    throw new Breach();
  }

  #parse(text: string): { packet: Packet; attachments: number } {
    if (text === "" && this.#has("empty-connects"))
      return { packet: { type: "connect", namespace: "/", id: undefined, data: undefined }, attachments: 0 };
    const digit = text.charCodeAt(0) - 48;
    const type = TYPES[digit];
    if (!type) throw new Breach(this.#has("skips-unknown-types") ? "skip" : "");
    let rest = text.slice(1);
    let attachments = 0;
    if (digit >= 5) {
      const count = this.#has("lenient-counts") ? /^[^-]*-/.exec(rest)?.[0] : /^\d+-/.exec(rest)?.[0];
      attachments = this.#count(count);
      rest = rest.slice(count?.length ?? 0);
    }
    const place = /^\/[^,]*,?/.exec(rest)?.[0] ?? "";
    const id = /^\d+/.exec(rest.slice(place.length))?.[0];
    const json = rest.slice(place.length + (id?.length ?? 0));
    const data = json === "" ? undefined : this.#json(json);
    const packet = { type, namespace: this.#namespace(place), id: this.#id(id), data };
    this.#check(packet, digit >= 5);
    return { packet, attachments };
  }

  #count(count: string | undefined): number {
    if (count === undefined) {
      if (this.#has("count-missing")) return 0;
      throw new Breach();
    }
    const number = Number(count.slice(0, -1));
    const most = this.#has("nine-attachments") ? 9 : MOST_ATTACHMENTS;
    if (number > most && !this.#has("endless-counts")) throw new Breach();
    if (number === 0 && this.#has("refuses-none")) throw new Breach();
    if (!Number.isInteger(number) || number < 0) throw new Breach();
    return number;
  }

  #namespace(place: string): string {
    if (place === "") return "/";
    if (!place.endsWith(",")) return this.#has("comma-needed") ? "/" : place;
    return place.slice(0, -1);
  }

  #id(digits: string | undefined): number | undefined {
    if (digits === undefined) return undefined;
    const id = Number(digits);
    if (this.#has("ack-id-zero") && id === 0) return undefined;
    if (this.#has("ack-id-of-32-bits")) return id >>> 0;
    if (!Number.isSafeInteger(id) && !this.#has("imprecise-ack-ids")) throw new Breach();
    return id;
  }

  #json(json: string): unknown {
    try {
      return JSON.parse(json);
    } catch {
      throw new Breach(this.#has("skips-bad-json") ? "skip" : "");
    }
  }

  #check({ type, data }: Packet, isBinary: boolean): void {
    const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
    const fits = {
      connect: () =>
        data === undefined ||
        isObject ||
        (this.#has("any-auth") && Array.isArray(data)) ||
        (this.#has("null-auth") && data === null),
      disconnect: () => data === undefined || this.#has("disconnect-payload"),
      event: () => this.#isEvent(data, isBinary),
      ack: () => Array.isArray(data) || (this.#has("ack-objects") && isObject),
      connect_error: () => true,
    };
    if (!fits[type]()) throw new Breach();
  }

  #isEvent(data: unknown, isBinary: boolean): boolean {
    if (!Array.isArray(data)) return this.#has("any-payload") && typeof data === "object";
    const name: unknown = data[0];
    if (data.length === 0) return this.#has("empty-events");
    if (typeof name === "number") return !this.#has("no-numbers-as-names");
    if (typeof name !== "string") return this.#has("any-name");
    if (!RESERVED.includes(name)) return true;
    return this.#has("reserved-names") || (this.#has("reserved-in-binary") && isBinary);
  }
}
