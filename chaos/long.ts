/** What the long run plays, one after the other, again and again with another seed. */
export interface LongPart {
  readonly profile: string;
  readonly server: string;
  readonly client: string;
}

/** Each pair promises to lose nothing, whatever its profile does to it. */
export const LONG_PARTS: readonly LongPart[] = [
  { profile: "crowd", server: "switchboard-delivery", client: "delivery" },
  { profile: "crowd-kill", server: "switchboard-delivery-disk", client: "delivery" },
  { profile: "crowd", server: "switchboard", client: "switchboard" },
  { profile: "crowd-restart", server: "switchboard-delivery-disk", client: "delivery" },
  { profile: "crowd", server: "switchboard-delivery-latest", client: "delivery" },
  { profile: "crowd", server: "switchboard-delivery-eager", client: "delivery-all" },
  { profile: "crowd-kill", server: "switchboard-delivery-disk", client: "reference" },
  { profile: "outbox-kill", server: "switchboard-delivery-disk", client: "delivery" },
];
