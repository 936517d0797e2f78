import type { EventMap } from "../shared/events.ts";
import type { BackpressureOptions } from "./backpressure/rules.ts";
import { Broadcasting } from "./broadcasting.ts";
import type { JoinRule } from "./join-rules.ts";
import type { NamespaceMiddleware, NamespaceRules } from "./namespace-rules.ts";
import type { RoomMatch } from "./room-match.ts";
import type { EventSchemas } from "./validation.ts";

/** What a namespace and a parent of namespaces have in common: rules for all who come, may be sent to, and join rooms. */
export abstract class RuledBroadcasting<
  Events extends EventMap,
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  Socket,
  SocketData,
> extends Broadcasting<Events, EmitEvents, SocketData> {
  protected readonly rules: NamespaceRules<ListenEvents, Socket>;

  constructor(rules: NamespaceRules<ListenEvents, Socket>) {
    super();
    this.rules = rules;
  }

  /**
   * Adds a middleware: it decides about each client that wants to join, after those that were added before. `next()` lets it through;
   * `next(error)` refuses it, and the client is told the error's `message` and `data` (`connect_error`). One that throws or rejects is
   * reported (`handler_error`), and the client gets a sentence that says nothing of the inside. Does not apply to who is there already.
   *
   * @example
   * io.use(async (socket, next) => {
   *   socket.data.user = await findUser(socket.handshake.auth.token);
   *   next(socket.data.user ? undefined : new Error("Not authorized"));
   * });
   */
  use(middleware: NamespaceMiddleware<Socket>): this {
    this.rules.use(middleware);
    return this;
  }

  /**
   * Has the arguments of clients' events checked: by one schema for the only argument, or a list with one for each, of any library that
   * makes Standard Schemas. Listeners get what the schemas make of them. Arguments that don't fit reach no listener: `error` is emitted on
   * the socket, and who waits for the acknowledgement gets an `EventError` with the code `invalid_arguments` and `data.issues`. An
   * event that has schemas already gets the new ones. Throws a `TypeError` for what is no Standard Schema.
   *
   * @example
   * io.validate({ say: z.string().max(500), move: [z.number(), z.number()] });
   */
  validate(schemas: EventSchemas<ListenEvents>): this {
    this.rules.validate(schemas);
    return this;
  }

  /**
   * Says who may join which rooms: `allow` is asked about each room that `match` means, when `socket.join` is called and, about the rooms that it is in,
   * when a client comes back or has shown anew who it is (`reauthenticate`); true, or a promise of it, is yes. If several rules mean a room, all must say yes; a room that none means is open to all. `join` then
   * rejects with an `EventError` with the code `join_refused`, and joins none of its rooms; who is asked about again is out of the rooms that it may not be in any more, and is not
   * sent what it missed there. What the rule throws is reported (`handler_error`, event `joinRule`), and a no. Who is in a room when the rule comes, stays. Not
   * asked about what the server does to many: `socketsJoin`, and `join` of `fetchSockets`. Throws a `TypeError` for what means no rooms, or is no function.
   *
   * @example
   * io.joinRule(/^project:/, async (socket, room) => isMember(socket.data.user, room.slice("project:".length)));
   */
  joinRule(match: RoomMatch, allow: JoinRule<Socket>): this {
    this.rules.joins.add(match, allow);
    return this;
  }

  /**
   * Says what becomes of events for clients that do not read as fast as they are sent to, by event and by room: see {@link Backpressure}. Volatile events and those
   * that ask for an acknowledgement have no policy. Those of one key stay in order; they may be overtaken by others. Throws a `TypeError` or `RangeError` for a
   * policy that can't be.
   *
   * @example
   * io.backpressure({
   *   events: { price: { policy: "latest-only", key: (symbol) => symbol } },
   *   rooms: [{ room: /^video:/, policy: "drop-oldest", keep: 20 }],
   * });
   */
  backpressure(options: BackpressureOptions<EmitEvents>): this {
    this.rules.backpressure.add(options);
    return this;
  }
}
