import type {
  Handshake,
  LoggedMessage,
  Member,
  PreparedMessage,
  Room,
  TakeAnswer,
  WhenSlow,
} from "switchboard";

/** A member that keeps what it is given, and answers when it is told to. */
export class RecordingMember implements Member {
  readonly id: string;
  readonly data: Record<string, unknown> = {};
  /** The texts of the messages. */
  readonly received: string[] = [];
  readonly messages: PreparedMessage[] = [];
  readonly volatile: boolean[] = [];
  readonly whenSlow: (WhenSlow | undefined)[] = [];
  /** What was asked and is not answered, by id. */
  readonly questions: Map<number, TakeAnswer> = new Map();
  /** The rooms that it was told of: those it is in now, and those it has left. */
  readonly joined: Room[] = [];
  readonly left: Room[] = [];
  /** What `disconnect` was called with. */
  readonly disconnects: boolean[] = [];
  /** Whether it refuses what it is asked, as one does that can't take anything right now. */
  isDeaf = false;

  constructor(id: string) {
    this.id = id;
  }

  get handshake(): Handshake {
    return {
      auth: { name: this.id },
      headers: {},
      url: "/socket.io/?EIO=4",
      query: { EIO: "4" },
      address: "127.0.0.1",
      secure: false,
      issued: 0,
      time: "",
      context: undefined,
    };
  }

  deliver(message: PreparedMessage, isVolatile: boolean, whenSlow?: WhenSlow): void {
    this.received.push(message.text);
    this.messages.push(message);
    this.volatile.push(isVolatile);
    this.whenSlow.push(whenSlow);
  }

  deliverLogged(message: LoggedMessage): void {
    this.deliver(message.on("none"), false);
  }

  readonly seatKey = undefined;

  onJoined(rooms: readonly Room[]): void {
    this.joined.push(...rooms);
  }

  onLeft(room: Room): void {
    this.left.push(room);
  }

  ask(message: PreparedMessage, id: number, isVolatile: boolean, take: TakeAnswer): boolean {
    if (this.isDeaf) return false;
    this.deliver(message, isVolatile);
    this.questions.set(id, take);
    return true;
  }

  forgetQuestion(id: number): void {
    this.questions.delete(id);
  }

  disconnect(close: boolean): void {
    this.disconnects.push(close);
  }

  /** Answers all that it was asked. */
  answer(error: Error | null, value?: unknown): void {
    const open = [...this.questions.values()];
    this.questions.clear();
    for (const take of open) take(error, value);
  }
}
