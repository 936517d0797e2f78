import type { ContractNamespace, ContractSocket } from "../reference/contract.ts";
import { asJson } from "./encoding.ts";
import type { FaultName } from "./faults.ts";
import { Target } from "./target.ts";

type Check = (socket: ContractSocket, next: (error?: Error) => void) => void;

/** What a namespace needs of a socket. */
interface Member extends ContractSocket {
  sendEvent(args: readonly unknown[]): void;
}

/** A namespace with its sockets, with at most one fault. */
export class Namespace implements ContractNamespace {
  readonly name: string;
  readonly sockets: Set<Member> = new Set();
  readonly #all: ReadonlyMap<string, Namespace>;
  readonly #fault: FaultName | undefined;
  readonly #ids = new WeakMap<object, number>();
  #check: Check | undefined;
  #onConnection: (socket: ContractSocket) => void = () => {};

  constructor(name: string, all: ReadonlyMap<string, Namespace>, fault: FaultName | undefined) {
    this.name = name;
    this.#all = all;
    this.#fault = fault;
  }

  on(_name: "connection", listener: (socket: ContractSocket) => void): void {
    this.#onConnection = listener;
  }

  use(check: Check): void {
    this.#check = check;
  }

  /** Why a socket may not come in, if it may not. */
  refusal(socket: ContractSocket): (Error & { data?: unknown }) | undefined {
    let refusal: Error | undefined;
    this.#check?.(socket, (error) => {
      refusal = error;
    });
    return this.#fault === "open-guard" ? undefined : refusal;
  }

  add(socket: Member): void {
    this.sockets.add(socket);
    this.#onConnection(socket);
  }

  /** The next id of a question on a link. */
  nextId(link: object): number {
    const id = this.#ids.get(link) ?? 0;
    this.#ids.set(link, id + 1);
    return id;
  }

  to(rooms: string | string[]): Target {
    return new Target((target, args) => this.#broadcast(target, args)).to(rooms);
  }

  except(rooms: string | string[]): Target {
    return this.to([]).except(rooms);
  }

  emit(name: string, ...args: unknown[]): void {
    this.to([]).emit(name, ...args);
  }

  #broadcast(target: Target, args: readonly unknown[]): void {
    const isEverywhere =
      this.#has("shared-rooms") || (this.#has("broadcasts-everywhere") && target.rooms.length === 0);
    const namespaces = isEverywhere ? [...this.#all.values()] : [this];
    const data = this.#has("broadcasts-without-binary") ? (asJson(args) as unknown[]) : args;
    const deliver = (): void => {
      for (const { sockets } of namespaces) for (const socket of sockets) this.#deliver(socket, target, data);
    };
    if (this.#has("late-broadcasts")) setImmediate(deliver);
    else deliver();
  }

  #deliver(socket: Member, { rooms, excepted }: Target, data: readonly unknown[]): void {
    const isMember = (room: string): boolean => {
      if (this.#has("magic-rooms") && room in {}) return false;
      return socket.rooms.has(room);
    };
    const isMeant = rooms.length === 0 || this.#has("ignores-rooms") ? [socket.id] : rooms.filter(isMember);
    const isOut = excepted.some(
      (room) => isMember(room) && (room === socket.id || !this.#has("ignores-except")),
    );
    if (isMeant.length === 0 || isOut) return;
    for (let i = 0; i < (this.#has("once-per-room") ? isMeant.length : 1); i++) socket.sendEvent(data);
  }

  #has(fault: FaultName): boolean {
    return this.#fault === fault;
  }
}
