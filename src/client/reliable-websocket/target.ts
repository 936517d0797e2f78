import type { ReliableWebSocketEventMap } from "./events.ts";

type EventType = keyof ReliableWebSocketEventMap;
type Handler<Target, Type extends EventType> = (
  this: Target,
  event: ReliableWebSocketEventMap[Type],
) => unknown;
type HandlerObject<Type extends EventType> = { handleEvent(event: ReliableWebSocketEventMap[Type]): unknown };
type AnyHandler = (event: Event) => unknown;

/** How a listener is added, as `EventTarget` knows it. */
export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

/** The events of a {@link ReliableWebSocket}: a typed `EventTarget`, with the `onopen` … of a page's WebSocket. */
export abstract class ReliableWebSocketTarget extends EventTarget {
  readonly #handlers = new Map<EventType, AnyHandler>();
  /** The types whose handler has its place among the listeners: where it was first set (HTML, event handlers). */
  readonly #placed = new Set<EventType>();

  get onopen(): Handler<this, "open"> | null {
    return this.#handler("open");
  }
  set onopen(handler: Handler<this, "open"> | null) {
    this.#setHandler("open", handler);
  }

  get onmessage(): Handler<this, "message"> | null {
    return this.#handler("message");
  }
  set onmessage(handler: Handler<this, "message"> | null) {
    this.#setHandler("message", handler);
  }

  get onreconnecting(): Handler<this, "reconnecting"> | null {
    return this.#handler("reconnecting");
  }
  set onreconnecting(handler: Handler<this, "reconnecting"> | null) {
    this.#setHandler("reconnecting", handler);
  }

  get onerror(): Handler<this, "error"> | null {
    return this.#handler("error");
  }
  set onerror(handler: Handler<this, "error"> | null) {
    this.#setHandler("error", handler);
  }

  get ondrop(): Handler<this, "drop"> | null {
    return this.#handler("drop");
  }
  set ondrop(handler: Handler<this, "drop"> | null) {
    this.#setHandler("drop", handler);
  }

  get onclose(): Handler<this, "close"> | null {
    return this.#handler("close");
  }
  set onclose(handler: Handler<this, "close"> | null) {
    this.#setHandler("close", handler);
  }

  /** Adds a listener. One that throws is reported as the platform does for any `EventTarget`; the others are still called. */
  override addEventListener<Type extends EventType>(
    type: Type,
    listener: Handler<this, Type> | HandlerObject<Type> | null,
    options?: boolean | ListenerOptions,
  ): void {
    super.addEventListener(type, listener as AnyHandler | null, options);
  }

  /** Removes a listener that was added with the same `capture`. */
  override removeEventListener<Type extends EventType>(
    type: Type,
    listener: Handler<this, Type> | HandlerObject<Type> | null,
    options?: boolean | ListenerOptions,
  ): void {
    super.removeEventListener(type, listener as AnyHandler | null, options);
  }

  #handler<Type extends EventType>(type: Type): Handler<this, Type> | null {
    return (this.#handlers.get(type) as Handler<this, Type> | undefined) ?? null;
  }

  #setHandler(type: EventType, handler: unknown): void {
    if (typeof handler !== "function") {
      this.#handlers.delete(type);
      return;
    }
    this.#handlers.set(type, handler as AnyHandler);
    if (this.#placed.has(type)) return;
    this.#placed.add(type);
    // What it returns goes to the platform, which sees to it if it is a promise that rejects.
    super.addEventListener(type, (event) => this.#handlers.get(type)?.call(this, event));
  }
}
