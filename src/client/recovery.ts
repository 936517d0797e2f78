/** Where a client stands in the log of a namespace: what it needs to come back (docs/protocol/delivery.md). */
export class Recovery {
  #key = "";
  #epoch = "";
  #offset = 0;

  /** What the server is told at the next CONNECT; undefined: it has given no seat. */
  get claim(): object | undefined {
    return this.#key === "" ? undefined : { key: this.#key, epoch: this.#epoch, offset: this.#offset };
  }

  /** Takes what the answer to CONNECT says of the seat; returns whether something may have been missed. */
  begin(
    seat: { key?: unknown; epoch?: unknown; offset?: unknown; recovered?: unknown } | undefined,
  ): boolean {
    const { key = "", epoch = "", offset = 0, recovered } = seat ?? {};
    const isGap = this.#key !== "" && recovered !== true;
    this.#key = String(key);
    this.#epoch = String(epoch);
    this.#offset = Number(offset);
    return isGap;
  }

  /** The server goes on behind a gap. */
  skip({ epoch, offset }: { epoch?: unknown; offset?: unknown }): void {
    this.#epoch = String(epoch);
    this.#offset = Number(offset);
  }

  /** Takes the offset of a packet, if it has one; false: the client has it already. */
  take(offset: number | undefined): boolean {
    if (offset === undefined) return true;
    if (offset <= this.#offset) return false;
    this.#offset = offset;
    return true;
  }
}
