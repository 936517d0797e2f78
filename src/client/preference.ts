import type { ManagerOptions } from "./options.ts";
import type { RequestPlatform } from "./platform.ts";

/** Which transport worked for a server the last time. */
export class Preference {
  readonly #platform: RequestPlatform;
  readonly #key: string;
  readonly #isOn: boolean;

  /** `origin` is the server's. */
  constructor(platform: RequestPlatform, origin: string, { rememberTransport }: ManagerOptions) {
    this.#platform = platform;
    this.#key = `switchboard:transport:${origin}`;
    this.#isOn = rememberTransport !== false;
  }

  /** What worked; undefined if nothing is known. */
  get transport(): string | undefined {
    return this.#isOn ? this.#platform.recall(this.#key) : undefined;
  }

  /** This one works. */
  remember(transport: string): void {
    if (this.#isOn && transport !== this.transport) this.#platform.remember(this.#key, transport);
  }
}
