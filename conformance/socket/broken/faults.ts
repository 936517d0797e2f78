import type { Fault } from "../../lib/fault.ts";

/** The faults that the server can have. */
export const FAULTS = {
  "extra-key": {
    sentence: "Tells one key more when a socket joins.",
    caughtBy: "connect/main-bare-websocket",
  },
  "engine-sid": {
    sentence: "Gives sockets the sid of their session.",
    caughtBy: "connect/main-bare-polling",
  },
  "one-sid": {
    sentence: "Gives the sockets of a session the same sid.",
    caughtBy: "connect/sids-of-namespaces-websocket",
  },
  "loses-auth": { sentence: "Forgets the auth.", caughtBy: "connect/main-auth-polling" },
  "joins-main": {
    sentence: "Joins everyone to the main namespace.",
    caughtBy: "connect/custom-bare-websocket",
  },
  "names-main": { sentence: "Names the main namespace in events.", caughtBy: "connect/main-bare-websocket" },
  "no-sid-rooms": {
    sentence: "Gives sockets no room of their own.",
    caughtBy: "connect/room-of-sid-polling",
  },
  "query-in-names": {
    sentence: "Cuts a query off the name of a namespace.",
    caughtBy: "refused/unknown-with-query-websocket",
  },
  "names-of-any-case": {
    sentence: "Does not look at the case of a namespace.",
    caughtBy: "refused/unknown-upper-case-polling",
  },
  "beginnings-of-names": {
    sentence: "Looks at the beginning of a namespace's name.",
    caughtBy: "refused/unknown-longer-websocket",
  },
  "any-namespace": {
    sentence: "Lets everyone into any namespace.",
    caughtBy: "refused/unknown-plain-polling",
  },
  "silent-refusal": { sentence: "Refuses without a word.", caughtBy: "refused/unknown-plain-websocket" },
  "refuses-in-text": { sentence: "Refuses with a text.", caughtBy: "refused/unknown-again-polling" },
  "refusal-ends": {
    sentence: "Ends a session that asks for an unknown namespace.",
    caughtBy: "refused/unknown-first-websocket",
  },
  "any-auth": { sentence: "Takes an array for auth.", caughtBy: "refused/payload-array-polling" },
  "null-auth": { sentence: "Takes null for auth.", caughtBy: "refused/payload-custom-null-websocket" },
  "joins-twice": { sentence: "Answers every CONNECT.", caughtBy: "refused/double-main-polling" },
  "forgives-events": {
    sentence: "Ignores events for namespaces that were not joined.",
    caughtBy: "refused/elsewhere-event-websocket",
  },
  "forgives-packets": {
    sentence: "Ignores other packets for namespaces that were not joined.",
    caughtBy: "refused/elsewhere-packet-3-polling",
  },
  "refuses-without-data": {
    sentence: "Keeps the data of an error for itself.",
    caughtBy: "guarded/with-data-websocket",
  },
  "always-data": {
    sentence: "Tells the data of an error that has none.",
    caughtBy: "guarded/without-data-polling",
  },
  "open-guard": {
    sentence: "Lets in whom the middleware refuses.",
    caughtBy: "guarded/second-try-websocket",
  },
  patient: { sentence: "Waits for ever for a CONNECT.", caughtBy: "connect-timeout/nothing-websocket" },
  "early-timeout": {
    sentence: "Waits half as long as it was told.",
    caughtBy: "connect-timeout/nothing-polling",
  },
  "refusal-joins": {
    sentence: "Takes a CONNECT that it refused for one.",
    caughtBy: "connect-timeout/refused-websocket",
  },
  "timeout-for-all": {
    sentence: "Ends sessions that have joined, too.",
    caughtBy: "connect-timeout/joined-polling",
  },
  "timeout-after-leaving": {
    sentence: "Ends sessions that have left.",
    caughtBy: "connect-timeout/left-websocket",
  },
  "latin-text": { sentence: "Writes text in Latin-1.", caughtBy: "events/arguments-greek-polling" },
  "no-empty-events": {
    sentence: "Forgets events without arguments.",
    caughtBy: "events/arguments-none-websocket",
  },
  "one-argument": { sentence: "Hands one argument to listeners.", caughtBy: "events/arguments-many-polling" },
  "no-numbers-as-names": {
    sentence: "Takes no number for the name of an event.",
    caughtBy: "events/number-as-name-websocket",
  },
  "unheard-ends": {
    sentence: "Ends a session for an event that nobody listens to.",
    caughtBy: "events/unheard-unknown-polling",
  },
  "answers-in-main": {
    sentence: "Sends every event in the main namespace.",
    caughtBy: "events/namespaces-websocket",
  },
  "no-volatile": { sentence: "Drops volatile events.", caughtBy: "events/volatile-websocket" },
  "ack-id-zero": { sentence: "Takes the id 0 for none.", caughtBy: "acks/id-0-polling" },
  "ack-id-of-32-bits": {
    sentence: "Keeps 32 bits of an id.",
    caughtBy: "acks/id-9007199254740991-websocket",
  },
  "imprecise-ack-ids": { sentence: "Rounds ids that are too large.", caughtBy: "acks/id-too-large-polling" },
  "acknowledges-twice": {
    sentence: "Sends an acknowledgement as often as it is called.",
    caughtBy: "acks/once-websocket",
  },
  "wraps-acks": {
    sentence: "Sends acknowledgements as one argument.",
    caughtBy: "acks/arguments-many-polling",
  },
  "acks-in-main": { sentence: "Acknowledges in the main namespace.", caughtBy: "acks/namespaces-websocket" },
  "hears-answers-twice": {
    sentence: "Hears an acknowledgement as often as it comes.",
    caughtBy: "acks/answer-twice-polling",
  },
  "questions-of-session": {
    sentence: "Takes an answer from another namespace.",
    caughtBy: "acks/answer-elsewhere-websocket",
  },
  "questions-of-all": {
    sentence: "Takes an answer from another session.",
    caughtBy: "acks/answer-of-another-polling",
  },
  "one-question-id": {
    sentence: "Gives every question the same id.",
    caughtBy: "acks/answers-reversed-websocket",
  },
  "unknown-ack-ends": {
    sentence: "Ends a session for an acknowledgement that nobody waits for.",
    caughtBy: "acks/unknown-99-polling",
  },
  "no-ack-timeout": {
    sentence: "Waits for ever for acknowledgements.",
    caughtBy: "acks/unanswered-websocket",
  },
  "late-answers": {
    sentence: "Hears acknowledgements that come too late.",
    caughtBy: "acks/unanswered-polling",
  },
  "places-in-order": {
    sentence: "Puts attachments in their order, whatever their numbers.",
    caughtBy: "binary/places-reversed-websocket",
  },
  "attachments-reversed": {
    sentence: "Sends the last attachment first.",
    caughtBy: "binary/event-three-polling",
  },
  "first-attachment-only": {
    sentence: "Waits for one attachment.",
    caughtBy: "binary/event-three-websocket",
  },
  "nine-attachments": { sentence: "Takes nine attachments at most.", caughtBy: "binary/event-most-polling" },
  "refuses-none": { sentence: "Refuses 0 attachments.", caughtBy: "binary/none-websocket" },
  "waits-for-none": {
    sentence: "Waits for an attachment where 0 were announced.",
    caughtBy: "binary/none-in-ack-polling",
  },
  "shallow-places": {
    sentence: "Looks for places among the arguments only.",
    caughtBy: "binary/event-in-object-websocket",
  },
  "shared-decoder": {
    sentence: "Puts the packets of all sessions together in one place.",
    caughtBy: "binary/two-sessions-polling",
  },
  "acks-without-binary": {
    sentence: "Sends bytes in acknowledgements as JSON.",
    caughtBy: "binary/ack-of-256-websocket",
  },
  "reserved-names": { sentence: "Takes reserved names.", caughtBy: "breach/reserved-disconnect-polling" },
  "reserved-in-binary": {
    sentence: "Takes reserved names with attachments.",
    caughtBy: "breach/binary-reserved-connect-websocket",
  },
  "any-name": { sentence: "Takes anything for the name of an event.", caughtBy: "breach/name-true-polling" },
  "empty-events": { sentence: "Takes an event without a name.", caughtBy: "breach/name-missing-websocket" },
  "any-payload": { sentence: "Takes an event that is no array.", caughtBy: "breach/event-object-polling" },
  "skips-bad-json": { sentence: "Skips what is not JSON.", caughtBy: "breach/json-half-websocket" },
  "skips-unknown-types": { sentence: "Skips packets of unknown types.", caughtBy: "breach/type-7-polling" },
  "empty-connects": {
    sentence: "Takes an empty message for a CONNECT.",
    caughtBy: "breach/empty-first-websocket",
  },
  "ack-objects": {
    sentence: "Takes an acknowledgement that is no array.",
    caughtBy: "breach/ack-object-polling",
  },
  "disconnect-payload": {
    sentence: "Takes a DISCONNECT with a payload.",
    caughtBy: "breach/disconnect-object-websocket",
  },
  "takes-connect-errors": {
    sentence: "Takes a CONNECT_ERROR from a client.",
    caughtBy: "breach/connect-error-object-polling",
  },
  "lenient-counts": {
    sentence: "Reads counts as generously as numbers are read.",
    caughtBy: "breach/count-exponent-websocket",
  },
  "endless-counts": {
    sentence: "Waits for any number of attachments.",
    caughtBy: "breach/count-huge-polling",
  },
  "count-missing": { sentence: "Takes a missing count for 0.", caughtBy: "breach/count-missing-websocket" },
  "place-beyond": {
    sentence: "Puts nothing where no attachment belongs.",
    caughtBy: "breach/place-beyond-polling",
  },
  "place-fraction": {
    sentence: "Puts nothing between two attachments.",
    caughtBy: "breach/place-fraction-websocket",
  },
  "place-as-text": { sentence: "Reads numbers of places from text.", caughtBy: "breach/place-text-polling" },
  "place-missing": {
    sentence: "Puts nothing in a place without a number.",
    caughtBy: "breach/place-missing-websocket",
  },
  "text-while-due": {
    sentence: "Takes text while attachments are due.",
    caughtBy: "breach/text-while-due-polling",
  },
  "binary-unannounced": {
    sentence: "Ignores binary that nobody announced.",
    caughtBy: "breach/binary-unannounced-websocket",
  },
  "shared-fate": { sentence: "Ends every session because of one breach.", caughtBy: "breach/type-8-polling" },
  "leaves-unnoticed": {
    sentence: "Tells nobody that a socket left.",
    caughtBy: "breach/in-custom-websocket",
  },
  "comma-needed": {
    sentence: "Reads a namespace without a comma as the main one.",
    caughtBy: "leave/without-comma-polling",
  },
  "leaves-all": { sentence: "Leaves all namespaces at once.", caughtBy: "leave/one-of-two-websocket" },
  "ignores-disconnect": { sentence: "Ignores a DISCONNECT.", caughtBy: "leave/rejoin-polling" },
  "last-ends": {
    sentence: "Ends a session that leaves its last namespace.",
    caughtBy: "leave/last-websocket",
  },
  "forgives-leavers": {
    sentence: "Ignores what comes for a namespace that was left.",
    caughtBy: "leave/event-after-polling",
  },
  "forgives-leaving-twice": { sentence: "Ignores a second DISCONNECT.", caughtBy: "leave/twice-websocket" },
  "kick-silent": { sentence: "Sends no DISCONNECT.", caughtBy: "leave/kick-main-polling" },
  "kick-closes": {
    sentence: "Ends the session when a socket is sent away.",
    caughtBy: "leave/kick-custom-websocket",
  },
  "kick-keeps-session": {
    sentence: "Keeps a session that was to end.",
    caughtBy: "leave/kick-close-polling",
  },
  "kick-loses-words": {
    sentence: "Drops what was not sent when it ends a session.",
    caughtBy: "leave/kick-close-behind-events-polling",
  },
  "answers-when-gone": {
    sentence: "Answers for a socket that it has sent away.",
    caughtBy: "leave/kick-in-flight-websocket",
  },
  "one-reason": { sentence: "Tells one reason for everything.", caughtBy: "leave/reason-client-websocket" },
  "sends-to-sender": {
    sentence: "Sends broadcasts to their sender too.",
    caughtBy: "rooms/to-others-polling",
  },
  "ignores-rooms": {
    sentence: "Sends to everyone, whatever the rooms.",
    caughtBy: "rooms/to-others-websocket",
  },
  "once-per-room": { sentence: "Sends once for every room.", caughtBy: "rooms/to-two-rooms-polling" },
  "ignores-except": { sentence: "Leaves out nobody but the sender.", caughtBy: "rooms/except-websocket" },
  "never-leaves-rooms": {
    sentence: "Keeps a socket in rooms that it has left.",
    caughtBy: "rooms/leave-polling",
  },
  "joins-first-only": { sentence: "Joins the first of several rooms.", caughtBy: "rooms/list-websocket" },
  "stays-in-rooms": {
    sentence: "Keeps a socket in its rooms that is gone.",
    caughtBy: "rooms/disconnect-polling",
  },
  "shared-rooms": {
    sentence: "Has rooms of all namespaces in one place.",
    caughtBy: "rooms/namespaces-websocket",
  },
  "rooms-at-commas": {
    sentence: "Splits the names of rooms at commas.",
    caughtBy: "rooms/name-with-comma-polling",
  },
  "magic-rooms": { sentence: "Looks rooms up in an object.", caughtBy: "rooms/name-__proto__-websocket" },
  "late-broadcasts": { sentence: "Sends broadcasts later than the rest.", caughtBy: "rooms/order-polling" },
  "broadcasts-without-binary": {
    sentence: "Sends bytes in broadcasts as JSON.",
    caughtBy: "rooms/binary-websocket",
  },
  "broadcasts-everywhere": {
    sentence: "Sends to everyone in all namespaces.",
    caughtBy: "rooms/everyone-here-polling",
  },
  "magic-events": {
    sentence: "Looks listeners up in an object.",
    caughtBy: "hostile/event-constructor-websocket",
  },
  "magic-namespaces": {
    sentence: "Looks namespaces up in an object.",
    caughtBy: "hostile/namespace-constructor-polling",
  },
  pollutes: {
    sentence: "Lets keys of payloads appear in all objects.",
    caughtBy: "hostile/proto-in-event-websocket",
  },
  "long-is-fatal": {
    sentence: "Ends every session because of one long message.",
    caughtBy: "hostile/long-event-name-polling",
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
