import type { Clock } from "../../shared/clock.ts";
import { AddressBuckets } from "./address-buckets.ts";
import type { RateLimitSettings } from "./options.ts";

/** What all clients of a server share of its rate limits. */
export class RateLimits {
  readonly settings: RateLimitSettings;
  readonly clock: Clock;
  /** How many namespaces one client may be in. */
  readonly maxNamespaces: number;
  readonly addresses: AddressBuckets | undefined;

  constructor(settings: RateLimitSettings, clock: Clock, maxNamespaces: number) {
    this.settings = settings;
    this.clock = clock;
    this.maxNamespaces = maxNamespaces;
    this.addresses = settings.address && new AddressBuckets(settings.address);
  }
}
