/** Whom something means: members of these rooms (none: everyone), but for members of those. */
export interface ModelTarget {
  readonly rooms: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
}

/** A client's presence in a namespace. */
export interface ModelMember {
  readonly client: ModelClient;
  readonly namespace: string;
  readonly id: string;
  readonly rooms: Set<string>;
}

/** A client: what it must have been told, in order, and where it is. */
export interface ModelClient {
  readonly index: number;
  readonly log: string[];
  readonly members: Map<string, ModelMember>;
  /** Namespaces that it waits to be let into. */
  readonly joining: Set<string>;
  /** Whether volatile events reach it. */
  isWritable: boolean;
}

/** An event that asks; `outcome` is there when it is over. */
export interface Question {
  readonly number: number;
  /** A parent's answers come namespace by namespace. */
  readonly kind: "one" | "many" | "parent";
  readonly hasTimeout: boolean;
  readonly waiting: Set<ModelMember>;
  readonly responses: string[];
  /** What came instead of answers. */
  readonly errors: string[];
  outcome: string | undefined;
}

/** What rooms, broadcasts and acknowledgements are, as simply as it can be said: nothing here is fast, shared or clever. */
export class RoomModel {
  readonly clients: readonly ModelClient[];
  readonly questions: Question[] = [];

  constructor(clientCount: number) {
    this.clients = Array.from({ length: clientCount }, (_, index) => ({
      index,
      log: [],
      members: new Map<string, ModelMember>(),
      joining: new Set<string>(),
      isWritable: true,
    }));
  }

  get members(): ModelMember[] {
    return this.clients.flatMap(({ members }) => [...members.values()]);
  }

  membersOf(namespace: string): ModelMember[] {
    return this.members.filter((member) => member.namespace === namespace);
  }

  select(namespace: string, { rooms, except }: ModelTarget): ModelMember[] {
    const isIn = (member: ModelMember, some: ReadonlySet<string>): boolean =>
      [...some].some((room) => member.rooms.has(room));
    return this.membersOf(namespace).filter(
      (member) => (rooms.size === 0 || isIn(member, rooms)) && !isIn(member, except),
    );
  }

  join(client: ModelClient, namespace: string, id: string, early: readonly string[]): ModelMember {
    const member = { client, namespace, id, rooms: new Set([id, ...early]) };
    client.joining.delete(namespace);
    client.members.set(namespace, member);
    client.log.push(`${namespace} connect`);
    if (early.length > 0) client.log.push(`${namespace} early`);
    return member;
  }

  /** The member is gone: nobody waits for its answers any more. */
  leave(member: ModelMember): void {
    member.client.members.delete(member.namespace);
    for (const question of this.questions) {
      if (question.waiting.has(member)) this.answer(question, member, "left", "disconnected");
    }
  }

  /** The client's session is over. */
  drop(client: ModelClient): void {
    client.joining.clear();
    for (const member of client.members.values()) this.leave(member);
  }

  /** The server makes members leave; `close` ends their sessions. */
  disconnect(members: readonly ModelMember[], close: boolean): void {
    for (const member of members) {
      const { client, namespace } = member;
      client.log.push(`${namespace} disconnect`);
      this.leave(member);
      if (!close) continue;
      for (const other of [...client.members.keys(), ...client.joining]) {
        client.log.push(`${other} disconnect`);
      }
      this.drop(client);
    }
  }

  send(members: readonly ModelMember[], what: string, isVolatile = false): ModelMember[] {
    const reached = members.filter(({ client }) => !isVolatile || client.isWritable);
    for (const { client, namespace } of reached) client.log.push(`${namespace} ${what}`);
    return reached;
  }

  ask(
    members: readonly ModelMember[],
    kind: Question["kind"],
    hasTimeout: boolean,
    isVolatile = false,
  ): Question {
    const number = this.questions.length;
    const question: Question = {
      number,
      kind,
      hasTimeout,
      waiting: new Set(this.send(members, `ask ${number}`, isVolatile)),
      responses: [],
      errors: [],
      outcome: undefined,
    };
    this.questions.push(question);
    this.#conclude(question);
    return question;
  }

  /** What came from a member, or instead. */
  answer(question: Question, member: ModelMember, kind: "answer" | "error" | "left", text: string): void {
    question.waiting.delete(member);
    if (kind === "answer") question.responses.push(text);
    else question.errors.push(text);
    this.#conclude(question);
  }

  /** Time passes: nobody waits any longer, where there is a limit. */
  timeOut(): void {
    for (const question of this.questions) {
      if (question.outcome !== undefined || !question.hasTimeout) continue;
      question.waiting.clear();
      question.outcome = question.kind === "one" ? "timeout" : outcomeOf("timeout", question);
    }
  }

  #conclude(question: Question): void {
    if (question.waiting.size > 0 || question.outcome !== undefined) return;
    const { kind, responses, errors } = question;
    if (kind === "one") question.outcome = errors[0] ?? `ok ${responses.join()}`;
    else question.outcome = outcomeOf(errors.length === 0 ? "ok" : "disconnected", question);
  }
}

/** How a broadcast that asked ended, in words. */
export function outcomeOf(
  end: string,
  { kind, responses, errors }: Pick<Question, "kind" | "responses"> & { errors: readonly unknown[] },
): string {
  const answers = kind === "parent" ? responses.toSorted() : responses;
  return `${end} [${answers.join()}] and ${errors.length} others`;
}
