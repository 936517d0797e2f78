import type { IncomingMessage } from "node:http";
import type { ClientRequest } from "node:http";
import { type AnyListener, Emitter } from "../shared/emitter.ts";
import type { EventNames } from "../shared/events.ts";

/**
 * What a `message` event brings: a Buffer unless {@link WebSocket.binaryType} says otherwise (`blob`, which is not in this type
 * because it can't be sent again as it is); text is a Buffer of its UTF-8.
 */
export type RawData = Buffer | ArrayBuffer | Buffer[];

/** The events of a {@link WebSocket}, by the names of `ws`. */
export type WebSocketEvents = {
  /** The opening handshake is done. */
  open: () => void;
  /** A message. */
  message: (data: RawData, isBinary: boolean) => void;
  /** A ping; already answered, unless `autoPong` is false. */
  ping: (payload: Buffer) => void;
  pong: (payload: Buffer) => void;
  /** What waited to be sent has left, after it had come to more than the operating system takes at once. */
  drain: () => void;
  /** What went wrong; `close` follows. */
  error: (error: Error) => void;
  /** The last event: 1005 if the peer gave no code, 1006 if it left without a close frame. */
  close: (code: number, reason: Buffer) => void;
  /** A client's handshake was answered with 101. */
  upgrade: (response: IncomingMessage) => void;
  /** A client's handshake was answered with another status; who listens must end the request. */
  "unexpected-response": (request: ClientRequest, response: IncomingMessage) => void;
  /** A client follows a redirect; headers may still be changed. */
  redirect: (url: string, request: ClientRequest) => void;
};

/** An event as a page knows it. */
export interface WebSocketEvent<Target, Type extends string = string> {
  readonly type: Type;
  readonly target: Target;
}

/** Text comes as a string, binary data as {@link WebSocket.binaryType} says. */
export interface MessageEvent<Target> extends WebSocketEvent<Target, "message"> {
  readonly data: string | RawData;
}

export interface CloseEvent<Target> extends WebSocketEvent<Target, "close"> {
  readonly code: number;
  readonly reason: string;
  /** Whether there was a close handshake. */
  readonly wasClean: boolean;
}

export interface ErrorEvent<Target> extends WebSocketEvent<Target, "error"> {
  readonly error: Error;
  readonly message: string;
}

/** The events of a page's WebSocket. */
export interface WebSocketEventMap<Target> {
  open: WebSocketEvent<Target, "open">;
  message: MessageEvent<Target>;
  close: CloseEvent<Target>;
  error: ErrorEvent<Target>;
}

type EventType = keyof WebSocketEventMap<unknown>;
type Handler<Target, Type extends EventType> = (event: WebSocketEventMap<Target>[Type]) => void;
type HandlerObject<Target, Type extends EventType> = { handleEvent: Handler<Target, Type> };

interface Subscription {
  readonly type: EventType;
  readonly handler: unknown;
  readonly isAttribute: boolean;
  readonly listener: AnyListener;
}

/** The page's half of a WebSocket's events: `onmessage`, `addEventListener` and their like. */
export abstract class WebSocketEventTarget extends Emitter<WebSocketEvents> {
  #subscriptions: Subscription[] | undefined;

  get onopen(): Handler<this, "open"> | null {
    return this.#attribute("open");
  }
  set onopen(handler: Handler<this, "open"> | null) {
    this.#setAttribute("open", handler);
  }

  get onmessage(): Handler<this, "message"> | null {
    return this.#attribute("message");
  }
  set onmessage(handler: Handler<this, "message"> | null) {
    this.#setAttribute("message", handler);
  }

  get onclose(): Handler<this, "close"> | null {
    return this.#attribute("close");
  }
  set onclose(handler: Handler<this, "close"> | null) {
    this.#setAttribute("close", handler);
  }

  get onerror(): Handler<this, "error"> | null {
    return this.#attribute("error");
  }
  set onerror(handler: Handler<this, "error"> | null) {
    this.#setAttribute("error", handler);
  }

  /** Listens as a page does; the same handler is added only once for a type, and unknown types are ignored. */
  addEventListener<Type extends EventType>(
    type: Type,
    handler: Handler<this, Type> | HandlerObject<this, Type>,
    options: { once?: boolean } = {},
  ): void {
    if (!isEventType(type) || this.#find(type, handler, false) !== undefined) return;
    this.#subscribe(type, handler, false, options.once === true);
  }

  /** Ends {@link addEventListener}. */
  removeEventListener<Type extends EventType>(
    type: Type,
    handler: Handler<this, Type> | HandlerObject<this, Type>,
  ): void {
    this.#unsubscribe(this.#find(type, handler, false));
  }

  /** Removes every listener of a name, or of all names, also those that a page's methods added. */
  override removeAllListeners(name?: EventNames<WebSocketEvents>): this {
    this.#subscriptions = this.#subscriptions?.filter((entry) => name !== undefined && entry.type !== name);
    return super.removeAllListeners(name);
  }

  #attribute<Type extends EventType>(type: Type): Handler<this, Type> | null {
    const found = this.#subscriptions?.find((entry) => entry.type === type && entry.isAttribute);
    return (found?.handler as Handler<this, Type> | undefined) ?? null;
  }

  #setAttribute<Type extends EventType>(type: Type, handler: Handler<this, Type> | null): void {
    const before = this.#attribute(type);
    if (before !== null) this.#unsubscribe(this.#find(type, before, true));
    if (typeof handler === "function") this.#subscribe(type, handler, true, false);
  }

  #subscribe<Type extends EventType>(
    type: Type,
    handler: Handler<this, Type> | HandlerObject<this, Type>,
    isAttribute: boolean,
    once: boolean,
  ): void {
    const listener: AnyListener = (...args) => {
      if (once) this.#unsubscribe(subscription);
      const event = this.#event(type, args) as WebSocketEventMap<this>[Type];
      // What it returns may be a promise that rejects.
      return typeof handler === "function" ? handler.call(this, event) : handler.handleEvent(event);
    };
    const subscription: Subscription = { type, handler, isAttribute, listener };
    (this.#subscriptions ??= []).push(subscription);
    this.on(type, listener as WebSocketEvents[Type]);
  }

  #find(type: EventType, handler: unknown, isAttribute: boolean): Subscription | undefined {
    return this.#subscriptions?.find(
      (entry) => entry.type === type && entry.handler === handler && entry.isAttribute === isAttribute,
    );
  }

  #unsubscribe(subscription: Subscription | undefined): void {
    if (subscription === undefined) return;
    this.#subscriptions = this.#subscriptions?.filter((entry) => entry !== subscription);
    this.off(subscription.type, subscription.listener as WebSocketEvents[EventType]);
  }

  #event(type: EventType, args: unknown[]): WebSocketEventMap<this>[EventType] {
    switch (type) {
      case "open":
        return { type, target: this };
      case "message": {
        const [data, isBinary] = args as [RawData, boolean];
        return { type, target: this, data: isBinary ? data : (data as Buffer).toString() };
      }
      case "close": {
        const [code, reason] = args as [number, Buffer];
        return { type, target: this, code, reason: String(reason), wasClean: code !== 1006 };
      }
      case "error": {
        const [error] = args as [Error];
        return { type, target: this, error, message: error.message };
      }
    }
  }
}

function isEventType(type: string): type is EventType {
  return type === "open" || type === "message" || type === "close" || type === "error";
}
