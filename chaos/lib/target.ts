import type { DrainOptions } from "switchboard";
import type { AppSink } from "./app-sink.ts";

/** A client of a scene: its number, and the room it is in. */
export interface Who {
  readonly client: number;
  readonly room: number;
}

/** What a client tells. */
export interface ClientSink {
  /** Whether it is connected now, and can be reached. */
  onLive(isLive: boolean): void;
  /** The server said to its room what a client had said. */
  onSaid(client: number, number: number): void;
  /** The server told it alone that it has heard it. */
  onHeard(number: number): void;
  /** What it said was acknowledged. */
  onAck(): void;
  /** It was told that something may be missing. */
  onGap(): void;
}

/** A client that is connected, or will be. */
export interface LabClient {
  /** Says something to its room. What becomes of it while there is no connection is the client's affair. */
  say(number: number): void;
  /** From now on it does nothing of itself that is a fault. */
  calm?(): void;
  close(): void;
}

/** A server that runs. */
export interface Serving {
  readonly port: number;
  close(): Promise<void>;
  /** Has its clients leave one after the other, and closes. Undefined: it can't. */
  drain?(options: DrainOptions): Promise<void>;
}

/** A kind of server that is tested, as it is offered to users. */
export interface ServerKind {
  readonly name: string;
  /** Whether it keeps in its folder what it must know when it is started again. Then only one process can have it at a time. */
  readonly keepsFolder?: boolean;
  /** Whether of what is said to a room older values may be left out. */
  readonly isLatestOnly?: boolean;
  /** Called, and waited for, before it is started: loads what need not be loaded while nobody serves. */
  load?(): Promise<unknown>;
  /** Starts it on 127.0.0.1; waits until nobody else has its place. */
  serve(sink: AppSink, place?: ServePlace): Promise<Serving>;
}

/** Where a server is. */
export interface ServePlace {
  /** Only for one that keeps it. */
  readonly folder?: string | undefined;
  /** Undefined: any that is free. */
  readonly port?: number | undefined;
}

/** A kind of client. */
export interface ClientKind {
  readonly name: string;
  /** Called, and waited for, before the first one connects: loads what the others need not wait for. */
  load?(): Promise<void>;
  connect(url: string, who: Who, sink: ClientSink): LabClient;
}
