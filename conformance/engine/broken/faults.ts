import type { Fault } from "../../lib/fault.ts";

/** The faults that the server can have. */
export const FAULTS = {
  "extra-key": { sentence: "Tells one key more at the handshake.", caughtBy: "handshake/polling-opens" },
  "guessable-sid": { sentence: "Counts its sids.", caughtBy: "handshake/websocket-opens" },
  "same-sid": {
    sentence: "Gives every second session the sid of the one before.",
    caughtBy: "handshake/polling-sid-unique",
  },
  "upgrades-websocket": {
    sentence: "Offers an upgrade to sessions on WebSocket.",
    caughtBy: "handshake/websocket-upgrades",
  },
  cacheable: { sentence: "Lets answers be stored.", caughtBy: "handshake/polling-fields" },
  "no-charset": { sentence: "Does not say that answers are UTF-8.", caughtBy: "handshake/polling-fields" },
  "exact-path": { sentence: "Serves only its very path.", caughtBy: "handshake/polling-longer-path" },
  "prototype-transports": {
    sentence: "Looks transports up in an object.",
    caughtBy: "refused/polling-transport-proto",
  },
  "prototype-sids": { sentence: "Looks sids up in an object.", caughtBy: "refused/polling-sid-constructor" },
  "text-errors": {
    sentence: "Writes errors on polling as text.",
    caughtBy: "refused/polling-transport-unknown",
  },
  "any-version": { sentence: "Takes any version.", caughtBy: "refused/polling-eio-3" },
  "version-first": {
    sentence: "Looks at the version before all else.",
    caughtBy: "refused/polling-order-transport-eio",
  },
  "method-before-sid": {
    sentence: "Looks at the method before the sid.",
    caughtBy: "refused/polling-order-sid-method",
  },
  "late-refusal": {
    sentence: "Opens a WebSocket before it looks at the sid.",
    caughtBy: "refused/websocket-sid-unknown",
  },
  "any-transport": {
    sentence: "Polls for sessions on WebSocket.",
    caughtBy: "refused/polling-for-websocket",
  },
  "splits-characters": {
    sentence: "Decodes each segment of a body by itself.",
    caughtBy: "polling/body-byte-by-byte",
  },
  "bytes-as-text": { sentence: "Echoes binary as text on polling.", caughtBy: "polling/binary-of-4" },
  "url-base64": { sentence: "Writes base64 in the alphabet of URLs.", caughtBy: "polling/binary-not-utf8" },
  "first-packet-only": { sentence: "Reads one packet of a payload.", caughtBy: "polling/together-two" },
  "never-holds": { sentence: "Answers every GET at once.", caughtBy: "polling/held" },
  "loses-between": { sentence: "Drops messages while no GET is held.", caughtBy: "polling/buffered" },
  reverses: { sentence: "Sends the newest message first.", caughtBy: "polling/posts-in-order" },
  "takes-octets": { sentence: "Takes a body of bytes.", caughtBy: "polling/content-type-octet-stream" },
  "two-gets": { sentence: "Lets a second GET take the place of the first.", caughtBy: "requests/second-get" },
  "two-posts": { sentence: "Takes two POSTs at once.", caughtBy: "requests/second-post" },
  "no-limit": { sentence: "Takes a body of any length.", caughtBy: "requests/limit-over" },
  "limit-in-characters": { sentence: "Counts characters to the limit.", caughtBy: "requests/limit-in-bytes" },
  "trusts-length": { sentence: "Looks at Content-Length only.", caughtBy: "requests/limit-chunked" },
  "limit-ends": {
    sentence: "Ends a session because of a body that is too large.",
    caughtBy: "requests/limit-double",
  },
  "ignores-abort": {
    sentence: "Keeps a session whose GET was broken off.",
    caughtBy: "requests/get-aborted",
  },
  "skips-garbage": { sentence: "Skips what is no packet.", caughtBy: "requests/unparsable-letter" },
  "shared-fate": {
    sentence: "Ends every session because of one bad packet.",
    caughtBy: "requests/unparsable-digit-7",
  },
  "obeys-put": { sentence: "Takes PUT for POST.", caughtBy: "requests/method-put" },
  "typed-binary": { sentence: "Puts a 4 before binary on WebSocket.", caughtBy: "websocket/binary-of-4" },
  "all-binary": { sentence: "Echoes text as binary on WebSocket.", caughtBy: "websocket/text-plain" },
  "loses-emptiness": { sentence: "Does not echo empty messages.", caughtBy: "websocket/text-empty" },
  "no-1009": {
    sentence: "Just ends a WebSocket that carries too much.",
    caughtBy: "websocket/limit-over-text",
  },
  "short-limit": {
    sentence: "Refuses a message of exactly the limit.",
    caughtBy: "websocket/limit-exact-binary",
  },
  "empty-is-noop": { sentence: "Ignores an empty message.", caughtBy: "websocket/unparsable-empty" },
  "no-ping": { sentence: "Never pings.", caughtBy: "heartbeat/websocket-ping" },
  "early-ping": { sentence: "Pings after half the interval.", caughtBy: "heartbeat/websocket-ping" },
  "late-ping": { sentence: "Pings half an interval late.", caughtBy: "heartbeat/polling-ping" },
  "no-timeout": { sentence: "Waits for pongs for ever.", caughtBy: "heartbeat/websocket-timeout" },
  "early-timeout": {
    sentence: "Waits for pongs half as long as it says.",
    caughtBy: "heartbeat/websocket-timeout",
  },
  "fixed-beat": {
    sentence: "Pings by a clock that no pong restarts.",
    caughtBy: "heartbeat/websocket-pong-restarts",
  },
  "anything-is-pong": {
    sentence: "Takes every packet for a pong.",
    caughtBy: "heartbeat/websocket-messages-are-no-pong",
  },
  "no-noop": { sentence: "Leaves the held GET alone while a session moves.", caughtBy: "upgrade/noop" },
  "one-noop": { sentence: "Puts a noop on the first held GET only.", caughtBy: "upgrade/noop-again" },
  "any-probe": { sentence: "Takes any first packet for the probe.", caughtBy: "upgrade/first-message" },
  "no-probe": { sentence: "Moves at a 5 that no probe came before.", caughtBy: "upgrade/first-upgrade" },
  "forgets-buffer": {
    sentence: "Forgets what polling had not fetched when a session moves.",
    caughtBy: "upgrade/messages-before",
  },
  resends: {
    sentence: "Sends the last message of polling again after the move.",
    caughtBy: "upgrade/messages-during",
  },
  "polls-after-move": { sentence: "Holds a GET of a session that has moved.", caughtBy: "upgrade/get-after" },
  "second-takes-over": {
    sentence: "Gives the session to a second WebSocket.",
    caughtBy: "upgrade/second-socket-after",
  },
  "probe-is-session": {
    sentence: "Ends the session with the WebSocket that was to become its transport.",
    caughtBy: "upgrade/closed-after-probe",
  },
  "patient-upgrade": {
    sentence: "Waits for ever for an upgrade to be finished.",
    caughtBy: "upgrade-timeout/not-finished",
  },
  "close-on-get": {
    sentence: "Answers the held GET with 1 when the client closes.",
    caughtBy: "close/polling-held",
  },
  "sid-lingers": { sentence: "Knows a sid that is closed.", caughtBy: "close/polling-free" },
  "deaf-to-close": { sentence: "Ignores a close packet on WebSocket.", caughtBy: "close/websocket-packet" },
  "after-close": {
    sentence: "Takes messages after a close packet.",
    caughtBy: "close/polling-before-message",
  },
  "silent-close": {
    sentence: "Tells nobody on polling that it closes.",
    caughtBy: "close/server-polling-free",
  },
  "drops-last-words": {
    sentence: "Drops what was not fetched when it closes.",
    caughtBy: "close/server-polling-behind-message",
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
