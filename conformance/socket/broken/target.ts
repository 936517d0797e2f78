/** Whom a broadcast means. */
export class Target {
  readonly rooms: string[] = [];
  readonly excepted: string[] = [];
  readonly #send: (target: Target, args: readonly unknown[]) => void;

  constructor(send: (target: Target, args: readonly unknown[]) => void) {
    this.#send = send;
  }

  to(rooms: string | string[]): this {
    this.rooms.push(...[rooms].flat());
    return this;
  }

  except(rooms: string | string[]): this {
    this.excepted.push(...[rooms].flat());
    return this;
  }

  emit(name: string, ...args: unknown[]): void {
    this.#send(this, [name, ...args]);
  }
}
