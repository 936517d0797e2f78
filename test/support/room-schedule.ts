import assert from "node:assert/strict";
import type { DefaultEvents } from "../../src/shared/events.ts";
import type { BroadcastAckError } from "../../src/sockets/broadcast-acks.ts";
import type { BroadcastOperator } from "../../src/sockets/broadcast-operator.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { type ModelClient, type ModelMember, outcomeOf, type Question, RoomModel } from "./room-model.ts";
import { checkRoomWorld } from "./room-check.ts";
import { DYNAMIC_NAMESPACES, FIXED_NAMESPACES, type RoomWorld } from "./room-world.ts";
import type { SeededRandom } from "../../src/testing/seeded-random.ts";

const NAMESPACES = [...FIXED_NAMESPACES, ...DYNAMIC_NAMESPACES];
const ROOMS = ["a", "b", "c", "d"];
/** Of questions that have a limit; where time is ours, it is over when we say so. */
const TIMEOUT_MS = 30_000;

/** A choice of receivers, as the server has it and as the model has it. */
interface Choice {
  readonly operator: BroadcastOperator<DefaultEvents>;
  readonly namespaces: readonly string[];
  readonly rooms: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
  readonly isVolatile: boolean;
  readonly kind: "many" | "parent";
}

/**
 * Random joins, leaves, events, questions and ends, done to a world and to the model; what each client is told, and what each question brings, must be what the
 * model says. {@link play} throws if not, and names what was done.
 */
export class RoomSchedule {
  readonly #world: RoomWorld;
  readonly #random: SeededRandom;
  readonly #model: RoomModel;
  readonly #sockets = new Map<ModelMember, Socket>();
  readonly #outcomes = new Map<number, string>();
  readonly #trail: string[] = [];
  #count = 0;

  constructor(world: RoomWorld, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
    this.#model = new RoomModel(world.clients.length);
  }

  /** What was done. */
  get trail(): string {
    return this.#trail.join("\n");
  }

  /** Does so many random things, then ends all sessions. */
  async play(steps: number): Promise<void> {
    for (const client of this.#model.clients) await this.#join(client);
    for (let step = 0; step < steps; step += 1) {
      await this.#step();
      if (this.#world.controls !== undefined) await this.#settle();
    }
    await this.#check();
    for (const client of this.#model.clients) await this.#drop(client);
    await this.#check();
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const isRare = (): boolean => random.integer(0, 2) === 0;
    const client = random.pick(this.#model.clients);
    const { members } = this.#model;
    const isChange = isRare();
    if (members.length === 0) return this.#join(client);
    const member = random.pick(members);
    if (!isChange) return this.#say(member);
    const changes = [
      () => this.#join(client),
      () => this.#join(client),
      () => this.#joinRooms(member),
      () => this.#joinRooms(member),
      () => this.#leaveRoom(member),
      () => this.#changeMany(member),
      () => this.#leave(client),
      () => (isRare() ? this.#drop(client) : undefined),
      () => (isRare() ? this.#disconnect(member) : undefined),
      () => (isRare() ? this.#disconnectMany(member) : undefined),
      () => this.#answer(),
      () => this.#answer(),
      () => this.#decide(client),
      () => this.#useControls(client),
    ];
    return random.pick(changes)();
  }

  #say(member: ModelMember): Promise<void> | void {
    const things = [
      () => this.#broadcast(member),
      () => this.#broadcast(member),
      () => this.#broadcast(member),
      () => this.#emit(member),
      () => this.#askOne(member),
      () => this.#askMany(member),
      () => this.#clientAsks(member),
      () => this.#find(member),
    ];
    return this.#random.pick(things)();
  }

  async #join(client: ModelClient): Promise<void> {
    const { controls } = this.#world;
    const namespace = this.#random.pick(NAMESPACES);
    if (client.members.has(namespace) || client.joining.has(namespace)) return;
    const decision = this.#random.pick([
      "yes",
      "yes",
      "yes",
      "no",
      controls === undefined ? "yes" : "later",
    ] as const);
    const early = this.#random.pick([[], [], ["a"], ["b", "c"]]);
    await this.#settle();
    this.#note(`client ${client.index} joins ${namespace}, early ${early.join()}, ${decision}`);
    const socket = await this.#world.clients[client.index]!.join(namespace, { early, decision });
    if (decision === "later") {
      client.joining.add(namespace);
      this.#early.set(`${client.index} ${namespace}`, early);
    } else if (decision === "no") client.log.push(`${namespace} refused`);
    else this.#joined(client, namespace, socket, early);
  }

  /** The rooms of those who wait to be let in. */
  readonly #early = new Map<string, readonly string[]>();

  #joined(
    client: ModelClient,
    namespace: string,
    socket: Socket | undefined,
    early: readonly string[],
  ): void {
    assert.ok(socket !== undefined, "the client is let in");
    this.#sockets.set(this.#model.join(client, namespace, socket.id, early), socket);
  }

  #decide(client: ModelClient): void {
    const [namespace] = client.joining;
    if (namespace === undefined) return;
    const isLetIn = this.#random.integer(0, 3) > 0;
    this.#note(`client ${client.index} is ${isLetIn ? "let into" : "refused by"} ${namespace}`);
    const socket = this.#world.controls!.decide(client.index, namespace, isLetIn);
    client.joining.delete(namespace);
    if (isLetIn) this.#joined(client, namespace, socket, this.#early.get(`${client.index} ${namespace}`)!);
    else client.log.push(`${namespace} refused`);
  }

  async #leave(client: ModelClient): Promise<void> {
    const here = [...client.members.keys(), ...client.joining];
    if (here.length === 0) return;
    const namespace = this.#random.pick(here);
    await this.#settle();
    this.#note(`client ${client.index} leaves ${namespace}`);
    await this.#world.clients[client.index]!.leave(namespace);
    const member = client.members.get(namespace);
    if (member === undefined) client.joining.delete(namespace);
    else this.#model.leave(member);
  }

  async #drop(client: ModelClient): Promise<void> {
    await this.#settle();
    this.#note(`client ${client.index} drops`);
    await this.#world.clients[client.index]!.drop();
    this.#model.drop(client);
  }

  #joinRooms(member: ModelMember): void {
    const rooms = this.#someRooms(member);
    this.#note(`${nameOf(member)} joins rooms ${rooms.join()}`);
    void this.#socket(member).join(rooms);
    for (const room of rooms) member.rooms.add(room);
  }

  #leaveRoom(member: ModelMember): void {
    const room = this.#random.pick([...ROOMS, ...member.rooms]);
    this.#note(`${nameOf(member)} leaves room ${room}`);
    void this.#socket(member).leave(room);
    member.rooms.delete(room);
  }

  async #changeMany(member: ModelMember): Promise<void> {
    const choice = this.#choose(member);
    const rooms = this.#someRooms(member);
    const isJoin = this.#random.integer(0, 1) === 0;
    this.#note(`  sockets ${isJoin ? "join" : "leave"} ${rooms.join()}`);
    const { operator } = choice;
    const done = isJoin ? operator.socketsJoin(rooms) : operator.socketsLeave(rooms);
    const chosen = this.#selectedBy(choice);
    for (const each of chosen) {
      for (const room of rooms) {
        if (isJoin) each.rooms.add(room);
        else each.rooms.delete(room);
      }
    }
    assert.equal(await done, chosen.length, "how many have joined or left rooms");
  }

  #disconnect(member: ModelMember): void {
    const close = this.#random.integer(0, 1) === 0;
    this.#note(`${nameOf(member)} is disconnected, ${close}`);
    this.#socket(member).disconnect(close);
    this.#model.disconnect([member], close);
  }

  async #disconnectMany(member: ModelMember): Promise<void> {
    const choice = this.#choose(member);
    const close = this.#random.integer(0, 1) === 0;
    this.#note(`  sockets are disconnected, ${close}`);
    const done = choice.operator.disconnectSockets(close);
    let count = 0;
    for (const namespace of choice.namespaces) {
      const chosen = this.#model.select(namespace, choice);
      count += chosen.length;
      this.#model.disconnect(chosen, close);
    }
    assert.equal(await done, count, "how many were disconnected");
  }

  #broadcast(member: ModelMember): void {
    const choice = this.#choose(member);
    const number = (this.#count += 1);
    this.#note(`  told ${number}`);
    choice.operator.emit("told", number);
    this.#model.send(this.#selectedBy(choice), `told ${number}`, choice.isVolatile);
  }

  #emit(member: ModelMember): void {
    const number = (this.#count += 1);
    this.#note(`${nameOf(member)} is told ${number}`);
    this.#socket(member).emit("told", number);
    this.#model.send([member], `told ${number}`);
  }

  #askOne(member: ModelMember): void {
    const { number } = this.#model.ask([member], "one", true);
    this.#note(`${nameOf(member)} is asked ${number}`);
    this.#socket(member)
      .timeout(TIMEOUT_MS)
      .emit("ask", number, (error: (Error & { code?: string }) | null, value?: string) => {
        this.#over(number, error === null ? `ok ${value}` : String(error.code));
      });
  }

  #askMany(member: ModelMember): void {
    const choice = this.#choose(member);
    const { operator, kind, isVolatile } = choice;
    const hasTimeout = this.#random.integer(0, 1) === 0;
    const { number } = this.#model.ask(this.#selectedBy(choice), kind, hasTimeout, isVolatile);
    this.#note(`  are asked ${number}, ${hasTimeout}`);
    const end = (error: BroadcastAckError | null, responses: string[]): void => {
      const { code = "ok", errors = [] } = error ?? {};
      this.#over(number, outcomeOf(code, { kind, responses, errors }));
    };
    (hasTimeout ? operator.timeout(TIMEOUT_MS) : operator).emit("ask", number, end);
  }

  async #answer(): Promise<void> {
    const open = this.#model.questions.filter(({ waiting }) => waiting.size > 0);
    if (open.length === 0) return;
    const question: Question = this.#random.pick(open);
    const member = this.#random.pick([...question.waiting]);
    const { index } = member.client;
    const canFail = this.#world.controls?.knowsErrors(index) === true;
    const kind = canFail && this.#random.integer(0, 2) === 0 ? "error" : "answer";
    await this.#settle();
    this.#note(`${nameOf(member)} answers ${question.number}: ${kind}`);
    await this.#world.clients[index]!.answer(member.namespace, question.number, kind);
    this.#model.answer(question, member, kind, kind === "error" ? "no" : String(index));
  }

  async #clientAsks({ client, namespace }: ModelMember): Promise<void> {
    const number = (this.#count += 1);
    const name = this.#world.controls !== undefined && this.#random.integer(0, 2) === 0 ? "fail" : "echo";
    this.#note(`client ${client.index} asks ${namespace} ${name} ${number}`);
    this.#world.clients[client.index]!.ask(namespace, name, number);
    if (name === "echo") client.log.push(`${namespace} ack ${number}`);
    else if (this.#world.controls?.knowsErrors(client.index))
      client.log.push(`${namespace} failed ${number}`);
    // The question is under way: nothing may be sent before it has come.
    await this.#settle();
  }

  async #find(member: ModelMember): Promise<void> {
    const choice = this.#choose(member);
    this.#note("  are found");
    const expected = this.#selectedBy(choice).map(inWords);
    const found = (await choice.operator.fetchSockets()).map(inWords);
    assert.deepEqual(found.toSorted(), expected.toSorted(), "who is found");
  }

  #useControls({ index }: ModelClient): void {
    const { controls } = this.#world;
    if (controls === undefined) return;
    if (this.#random.integer(0, 3) === 0) {
      this.#note("time passes");
      controls.passTime(TIMEOUT_MS);
      this.#model.timeOut();
    } else {
      const isWritable = this.#random.integer(0, 2) > 0;
      this.#note(`client ${index} is writable: ${isWritable}`);
      controls.setWritable(index, isWritable);
      this.#model.clients[index]!.isWritable = isWritable;
    }
  }

  /** A random choice of receivers, from a socket, its namespace, or the parent of all dynamic ones. */
  #choose(member: ModelMember): Choice {
    const { namespace, id } = member;
    const from = this.#random.pick(["socket", "namespace", "parent"] as const);
    const isParent = from === "parent" && DYNAMIC_NAMESPACES.includes(namespace);
    const socket = this.#socket(member);
    const sender = isParent ? this.#world.parent : socket.nsp;
    let operator = (from === "socket" ? socket.broadcast : sender.compress(true)) as Choice["operator"];
    const rooms = new Set<string>();
    const except = new Set(from === "socket" ? [id] : []);
    const steps: string[] = [];
    for (let left = this.#random.integer(0, 3); left > 0; left -= 1) {
      const list = this.#someRooms(member);
      const isTo = this.#random.integer(0, 2) > 0;
      steps.push(`${isTo ? "to" : "except"} ${list.join()}`);
      operator = isTo ? operator.to(list) : operator.except(list.length === 1 ? list[0]! : list);
      for (const room of list) (isTo ? rooms : except).add(room);
    }
    const isVolatile = this.#world.controls !== undefined && this.#random.integer(0, 3) === 0;
    if (isVolatile) operator = operator.volatile;
    const namespaces = isParent ? this.#dynamic() : [namespace];
    this.#note(`from ${from} of ${nameOf(member)} ${steps.join(", ")}${isVolatile ? ", volatile" : ""}`);
    return { operator, namespaces, rooms, except, isVolatile, kind: isParent ? "parent" : "many" };
  }

  /** Those that are there, in the order in which the server has made them. */
  #dynamic(): string[] {
    return [...this.#world.parent.children].map(({ name }) => name);
  }

  #selectedBy(choice: Choice): ModelMember[] {
    return choice.namespaces.flatMap((namespace) => this.#model.select(namespace, choice));
  }

  /** One to three rooms; some are those of a socket alone. */
  #someRooms({ namespace }: ModelMember): string[] {
    const own = this.#random.pick(this.#model.membersOf(namespace)).id;
    return Array.from({ length: this.#random.integer(1, 3) }, () =>
      this.#random.pick([...ROOMS, ...ROOMS, own]),
    );
  }

  #socket(member: ModelMember): Socket {
    return this.#sockets.get(member)!;
  }

  #over(number: number, outcome: string): void {
    assert.ok(!this.#outcomes.has(number), `question ${number} ends once`);
    this.#outcomes.set(number, outcome);
  }

  #note(what: string): void {
    this.#trail.push(what);
  }

  #settle(): Promise<void> {
    return this.#world.settle(this.#model.clients.map(({ log }) => log.length));
  }

  async #check(): Promise<void> {
    await this.#settle();
    checkRoomWorld(this.#world, this.#model, this.#outcomes);
  }
}

function inWords({ id, rooms }: { readonly id: string; readonly rooms: Iterable<string> }): string {
  return `${id} in ${[...rooms].toSorted().join()}`;
}

function nameOf({ client, namespace }: ModelMember): string {
  return `${client.index}${namespace}`;
}
