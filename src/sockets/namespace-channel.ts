import { RESERVED_EVENTS } from "../packets/index.ts";
import type { SocketPacket } from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import type { Adapter, BroadcastTarget, Room } from "./adapter.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { BackpressureRules } from "./backpressure/rules.ts";
import { BroadcastAcks } from "./broadcast-acks.ts";
import type { BroadcastChannel, BroadcastEnd, FoundMember } from "./broadcast-channel.ts";

/** What a channel needs of its namespace. */
export interface ChannelOwner {
  readonly name: string;
  readonly adapter: Adapter;
  /** If events are kept, so that clients can come back to them. */
  readonly delivery: Delivery | undefined;
  readonly backpressure: BackpressureRules;
  readonly clock: Clock;
  /** The adapter failed. */
  onAdapterError(error: unknown): void;
  /** The callback of an acknowledgement threw, or rejected. */
  onCallbackError(error: unknown): void;
}

/** What can be done to the sockets of one namespace, through its adapter. */
export class NamespaceChannel implements BroadcastChannel {
  readonly #owner: ChannelOwner;

  constructor(owner: ChannelOwner) {
    this.#owner = owner;
  }

  broadcast(target: BroadcastTarget, name: string, args: readonly unknown[]): void {
    const { adapter, delivery, backpressure } = this.#owner;
    const packet = this.#packet(name, args);
    if (target.volatile) return void this.#watch(adapter.broadcast(packet, target));
    const whenSlow = backpressure.whenSlow(name, args, target.rooms, target.except);
    const paced = whenSlow === undefined ? target : { ...target, whenSlow };
    if (delivery === undefined) void this.#watch(adapter.broadcast(packet, paced));
    else delivery.publish(paced, packet.data as unknown[]);
  }

  ask(
    target: BroadcastTarget,
    name: string,
    args: readonly unknown[],
    timeoutMs: number | undefined,
    end: BroadcastEnd,
  ): void {
    const { adapter, clock } = this.#owner;
    const acks = new BroadcastAcks((error, responses) => this.#call(end, error, responses));
    const question = adapter.broadcastWithAck(this.#packet(name, args), target, acks.take);
    void this.#watch(question.asked);
    acks.wait(question, clock, timeoutMs);
  }

  async fetchMembers(target: BroadcastTarget): Promise<readonly FoundMember[]> {
    const members = await this.#owner.adapter.fetchMembers(target);
    return members.map((description) => ({ description, channel: this }));
  }

  joinMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number> {
    return this.#watch(this.#owner.adapter.joinMembers(target, rooms));
  }

  leaveMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number> {
    return this.#watch(this.#owner.adapter.leaveMembers(target, rooms));
  }

  disconnectMembers(target: BroadcastTarget, close: boolean): Promise<number> {
    return this.#watch(this.#owner.adapter.disconnectMembers(target, close));
  }

  #packet(name: string, args: readonly unknown[]): SocketPacket {
    if (RESERVED_EVENTS.has(name)) throw new TypeError(`"${name}" is reserved: it can't be sent.`);
    return { type: "event", namespace: this.#owner.name, id: undefined, data: [name, ...args] };
  }

  /** Reports it if the promise is rejected, so that the caller may ignore it. */
  #watch<Value>(promise: Promise<Value>): Promise<Value> {
    promise.catch((error: unknown) => this.#owner.onAdapterError(error));
    return promise;
  }

  #call(end: BroadcastEnd, error: Error | null, responses: unknown[]): void {
    try {
      const result = end(error, responses);
      if (result instanceof Promise) result.catch((failure: unknown) => this.#owner.onCallbackError(failure));
    } catch (failure) {
      this.#owner.onCallbackError(failure);
    }
  }
}
