/** A bug that is put into our server for a scene, to see whether the lab finds it. What users run has no switch for it: modules of dist are changed as they are loaded. */
export interface Bug {
  readonly name: string;
  /** In the words of whoever would have made it. */
  readonly about: string;
  /** The module, below dist. */
  readonly file: string;
  /** Each place must be there exactly once. */
  readonly edits: readonly (readonly [find: string, replace: string])[];
  /** Who is tested, and in which profile. */
  readonly pair: readonly [server: string, client: string];
  readonly profile: "small" | "small-cuts" | "small-kill" | "outbox";
}

const DELIVERY = ["switchboard-delivery-eager", "reference"] as const;
const MOVING = ["switchboard-delivery-eager", "reference-moving"] as const;
const RECOVERY = ["switchboard-recovery-eager", "stock"] as const;
const LATEST = ["switchboard-latest", "switchboard"] as const;
const LATEST_DELIVERY = ["switchboard-delivery-latest", "delivery"] as const;
const OUTBOX = ["switchboard-delivery", "delivery"] as const;
const DISK = ["switchboard-delivery-disk", "delivery"] as const;

const DELIVERY_JS = "sockets/delivery/delivery.js";
const FEED_JS = "sockets/delivery/feed.js";
const INBOUND_JS = "sockets/delivery/inbound.js";
const SEAT_JS = "sockets/delivery/seat.js";
const ENTRIES_JS = "log/kept-entries.js";
const SEATS_JS = "sockets/delivery/seats.js";
const PUBLICATION_JS = "sockets/delivery/publication.js";
const MEMORY_SEATS_JS = "log/memory-seats.js";
const STORE_JS = "log/disk-store.js";
const SEAT_AND_OUTBOX_JS = "client/delivery/seat-and-outbox.js";
const OUTBOX_FILE_JS = "client/delivery/file/outbox-file.js";
const CLIENT_OUTBOX_JS = "client/delivery/outbox.js";
const HELD_JS = "sockets/backpressure/held-events.js";
const SENDING_JS = "sockets/sending-socket.js";
const RULES_JS = "sockets/backpressure/rules.js";
const SUPERSEDED_JS = "sockets/delivery/superseded.js";
const LOADING_JS = "log/disk-loading.js";

const LIST: readonly Bug[] = [
  {
    name: "no-deduplication",
    about: "what a client sends again is done again",
    file: INBOUND_JS,
    edits: [["if (sequence <= this.#taken)\n            return this.#dropped.delete(sequence);", ""]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "done-too-early",
    about: "the client is told that its next event is done, too",
    file: DELIVERY_JS,
    edits: [["sendDone(held.seat.sequence)", "sendDone(held.seat.sequence + 1)"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "acks-lost",
    about: "acknowledgements go to whoever held the seat first",
    file: DELIVERY_JS,
    edits: [["held === undefined ? NOBODY : [held.holder]", "NOBODY"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "resumes-one-late",
    about: "an offset that is one too high when a client comes back",
    file: SEATS_JS,
    edits: [["return { ...UNKNOWN, seat, offset: from };", "return { ...UNKNOWN, seat, offset: from + 1 };"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "resumes-one-early",
    about: "an offset that is one too low, for clients that do not look at it",
    file: SEATS_JS,
    edits: [["return { ...UNKNOWN, seat, offset: from };", "return { ...UNKNOWN, seat, offset: from - 1 };"]],
    pair: RECOVERY,
    profile: "small-cuts",
  },
  {
    name: "offset-one-early",
    about: "events carry the offset of the event before",
    file: PUBLICATION_JS,
    edits: [
      [
        "new LoggedMessage(name, log.epoch, this.offset,",
        "new LoggedMessage(name, log.epoch, this.offset - 1,",
      ],
    ],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "always-recovered",
    about: "a client is told that it has missed nothing, whatever is known of it",
    file: DELIVERY_JS,
    edits: [["const recovered = resumed === undefined ? {} :", "const recovered ="]],
    pair: DELIVERY,
    profile: "small-kill",
  },
  {
    name: "no-catch-up",
    about: "who comes back is sent what is new, and not what it has missed",
    file: FEED_JS,
    edits: [
      [
        'this.#state = "behind";\n        this.#readOn(caughtUp);',
        "this.begin(this.#host.reached);\n        caughtUp(false);",
      ],
    ],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "no-catch-up-stock",
    about: "the same for clients of Socket.IO",
    file: FEED_JS,
    edits: [
      [
        'this.#state = "behind";\n        this.#readOn(caughtUp);',
        "this.begin(this.#host.reached);\n        caughtUp(false);",
      ],
    ],
    pair: RECOVERY,
    profile: "small-cuts",
  },
  {
    name: "pushes-while-behind",
    about: "what is new overtakes what was missed",
    file: FEED_JS,
    edits: [
      [
        'const isLive = this.#state === "live" && offset > this.#offset;',
        'const isLive = this.#state !== "stopped";',
      ],
    ],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "pauses-one-late",
    about: "the event at which a slow client is paused counts as sent",
    file: FEED_JS,
    edits: [["this.#pause(offset - 1);", "this.#pause(offset);"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "drops-for-slow",
    about: "a slow client is sent nothing, and then goes on as if it had been",
    file: FEED_JS,
    edits: [["this.#pause(offset - 1);", ";"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "page-forgets-rest",
    about: "a page that was cut counts as all there was",
    file: ENTRIES_JS,
    edits: [["upTo: isCut ? entries.at(-1).offset : Math.max(after, end)", "upTo: Math.max(after, end)"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "read-one-late",
    about: "reading begins behind the event after the offset",
    file: ENTRIES_JS,
    edits: [["this.#index.walk(after, rooms,", "this.#index.walk(after + 1, rooms,"]],
    pair: RECOVERY,
    profile: "small-cuts",
  },
  {
    name: "drops-silently",
    about: "the log drops what clients still need, and says that it has all",
    file: ENTRIES_JS,
    edits: [
      ["this.#entries.length > this.#limits.maxEntries", "this.#entries.length > 100"],
      ["get tail() {\n        return this.#tail;", "get tail() {\n        return 0;"],
    ],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "keeps-too-little",
    about: "the log keeps less than it should: gaps are told, but there was no need for them",
    file: ENTRIES_JS,
    edits: [["this.#entries.length > this.#limits.maxEntries", "this.#entries.length > 100"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "confirms-too-much",
    about: "a pong confirms what was sent after its ping",
    file: SEAT_JS,
    edits: [["this.#confirm(this.#sentAtPong);", "this.#confirm(sent);"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "own-room-forgotten",
    about: "what was for one socket alone is not kept for it",
    file: SEAT_JS,
    edits: [["this.#rooms.set(this.directRooms[0], offset);", ""]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "rooms-forgotten",
    about: "a seat is restored without its rooms",
    file: SEAT_JS,
    edits: [["seat.#rooms.set(stay.room, stay.after);", ";"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "rooms-begin-anew",
    about: "joining a room again counts as the beginning, also for what was missed there",
    file: SEAT_JS,
    edits: [
      [
        "if (!this.#rooms.has(room))\n            this.#rooms.set(room, offset);",
        "this.#rooms.set(room, offset);",
      ],
    ],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "seats-end-soon",
    about: "seats are dropped at once when a client goes",
    file: MEMORY_SEATS_JS,
    edits: [["this.host.clock.now() + this.host.seatLifetimeMs", "this.host.clock.now() + 10"]],
    pair: DELIVERY,
    profile: "small",
  },
  {
    name: "not-fenced",
    about: "who had the seat is not ended when another takes it, and goes on being sent everything",
    file: SEATS_JS,
    edits: [
      ["this.#held.get(key)?.holder.supersede();", ""],
      ["rival.holder.supersede();", ""],
    ],
    pair: MOVING,
    profile: "small",
  },
  {
    name: "sends-before-write",
    about: "events are sent before they are on disk",
    file: STORE_JS,
    edits: [
      [
        "await this.#database.batch(changes, { sync: true });\n            this.#mark",
        "void this.#database.batch(changes, { sync: true });\n            this.#mark",
      ],
    ],
    pair: DISK,
    profile: "small-kill",
  },
  {
    name: "number-later",
    about: "what a handler has said and that it is done are kept one after the other, and not together",
    file: STORE_JS,
    edits: [
      [
        "this.#group.saveSeat(namespace, seat, state, isNew);\n        this.#schedule();",
        "setTimeout(() => { this.#group.saveSeat(namespace, seat, state, isNew); this.#schedule(); }, 100);",
      ],
    ],
    pair: DISK,
    profile: "small-kill",
  },
  {
    name: "epoch-anew",
    about: "a log on disk begins a new epoch whenever it is opened",
    file: STORE_JS,
    edits: [["if (namespace.epoch === undefined) {", "if (true) {"]],
    pair: DISK,
    profile: "small-kill",
  },
  {
    name: "seats-not-read",
    about: "a log on disk does not read its seats when it is opened",
    file: LOADING_JS,
    edits: [["this.#namespaces.get(place)?.found.set(seat, found);", ";"]],
    pair: DISK,
    profile: "small-kill",
  },
  {
    name: "latest-keeps-oldest",
    about: "of what is held for a slow client the oldest is kept, and not the newest",
    file: HELD_JS,
    edits: [
      [
        "if (held.length >= keep)\n            this.#shift(held);",
        "if (held.length >= keep)\n            return true;",
      ],
    ],
    pair: LATEST,
    profile: "small",
  },
  {
    name: "latest-overtaken",
    about: "what is new does not wait for what is held of the same key",
    file: SENDING_JS,
    edits: [["if (!isSlow && this.#held?.isEmpty !== false)", "if (!isSlow)"]],
    pair: LATEST,
    profile: "small",
  },
  {
    name: "latest-without-key",
    about: "the newest of one key takes the place of another's",
    file: RULES_JS,
    edits: [['JSON.stringify([isOfEvent ? name : "", own,', 'JSON.stringify([isOfEvent ? name : "",']],
    pair: LATEST,
    profile: "small",
  },
  {
    name: "latest-not-sent",
    about: "the newest in the log counts as superseded, and not the one before",
    file: SUPERSEDED_JS,
    edits: [["this.#mark(newest.shift());", "this.#mark(newest.pop());"]],
    pair: LATEST_DELIVERY,
    profile: "small",
  },
  {
    name: "outbox-without-seat",
    about: "a client begins anew without the seat that its outbox was sent by",
    file: SEAT_AND_OUTBOX_JS,
    edits: [
      [
        "if (seat !== undefined) {\n            this.#seat.take(seat);\n            this.#isOfBefore",
        "if (false) {\n            this.#isOfBefore",
      ],
    ],
    pair: OUTBOX,
    profile: "outbox",
  },
  {
    name: "outbox-counts-one-more",
    about: "the first that was kept gets the number of the one before",
    file: CLIENT_OUTBOX_JS,
    edits: [
      [
        "this.#done = done;\n        this.#removed = -events.length;",
        "this.#done = Math.max(0, done - 1);\n        this.#removed = -events.length;",
      ],
    ],
    pair: OUTBOX,
    profile: "outbox",
  },
  {
    name: "outbox-new-first",
    about: "what is emitted while the store opens comes before what was kept",
    file: CLIENT_OUTBOX_JS,
    edits: [["[...events, ...newer]", "[...newer, ...events]"]],
    pair: OUTBOX,
    profile: "outbox",
  },
  {
    name: "outbox-written-later",
    about: "a record is said to be written, and is a little later",
    file: OUTBOX_FILE_JS,
    edits: [
      ["this.#append(encodeRecord(changes));", "setTimeout(() => this.#append(encodeRecord(changes)), 200);"],
    ],
    pair: OUTBOX,
    profile: "outbox",
  },
];

/** The bugs by name. */
export const BUGS: ReadonlyMap<string, Bug> = new Map(LIST.map((bug) => [bug.name, bug]));

/** The bug of that name; throws for a name that is none. */
export function bugOf(name: string): Bug {
  const bug = BUGS.get(name);
  if (bug !== undefined) return bug;
  throw new Error(`There is no bug "${name}"; there are ${[...BUGS.keys()].join(", ")}.`);
}
