import type { Fault } from "../../lib/fault.ts";

/** The faults of servers; those in frames and messages are open to clients too. */
export const FAULTS = {
  "wrong-accept": { sentence: "Answers with the accept value of another key.", caughtBy: "handshake/plain" },
  "any-version": { sentence: "Answers version 12 with 101.", caughtBy: "handshake/version-12" },
  "any-key": { sentence: "Takes a key of any length.", caughtBy: "handshake/key-of-15-bytes" },
  "case-sensitive": {
    sentence: "Knows header names only as the RFC writes them.",
    caughtBy: "handshake/field-names-lower-case",
  },
  "drops-early-frames": {
    sentence: "Forgets bytes that come in the request's segment.",
    caughtBy: "handshake/with-frame",
  },
  "unoffered-subprotocol": {
    sentence: "Answers a subprotocol that nobody offered.",
    caughtBy: "handshake/plain",
  },
  "accepts-unmasked": {
    sentence: "Takes unmasked frames from clients.",
    caughtBy: "framing/wrong-masking-text-20",
  },
  "masks-answers": { sentence: "Masks its own frames.", caughtBy: "framing/text-1" },
  "non-minimal-length": {
    sentence: "Takes lengths written in more bytes than needed.",
    caughtBy: "framing/length-125-in-2-bytes",
  },
  "short-at-126": { sentence: "Loses the last byte of frames of 126 bytes.", caughtBy: "framing/binary-126" },
  "loses-at-65536": { sentence: "Reads 64-bit lengths modulo 65,536.", caughtBy: "framing/binary-65536" },
  "segment-is-frame": {
    sentence: "Takes each segment for whole frames.",
    caughtBy: "framing/binary-131072",
  },
  "all-binary": { sentence: "Echoes text as binary.", caughtBy: "framing/text-7" },
  "reorders-messages": {
    sentence: "Echoes large messages after the small ones behind them.",
    caughtBy: "framing/together-large-then-small",
  },
  "ignores-rsv": { sentence: "Ignores reserved bits.", caughtBy: "reserved/rsv2-on-text" },
  "ignores-opcodes": { sentence: "Skips frames with reserved opcodes.", caughtBy: "reserved/opcode-3-empty" },
  "no-pong": { sentence: "Does not answer pings.", caughtBy: "ping/of-125" },
  "empty-pong": { sentence: "Answers pings without their payload.", caughtBy: "ping/of-125" },
  "late-pong": {
    sentence: "Answers a ping between fragments only after the message.",
    caughtBy: "ping/inside-message",
  },
  "long-ping": { sentence: "Answers pings of any length.", caughtBy: "ping/of-126" },
  "answers-pong": { sentence: "Answers a pong with a pong.", caughtBy: "ping/pong-unsolicited" },
  "loses-empty-fragment": {
    sentence: "Takes an empty fragment for the end of the message.",
    caughtBy: "fragmentation/text-middle-empty",
  },
  "stray-continuation": {
    sentence: "Takes a continuation of nothing as a message.",
    caughtBy: "fragmentation/continuation-first",
  },
  "message-inside-message": {
    sentence: "Lets a new message take the place of a fragmented one.",
    caughtBy: "fragmentation/text-inside-text",
  },
  "fragmented-control": {
    sentence: "Takes control frames without FIN.",
    caughtBy: "fragmentation/close-fragmented",
  },
  "no-utf8": { sentence: "Does not look at text.", caughtBy: "utf8/invalid-overlong-2-slash" },
  "late-utf8": {
    sentence: "Checks text only when the message is complete.",
    caughtBy: "utf8/fail-fast-byte-ff",
  },
  "utf8-each-fragment": {
    sentence: "Checks every fragment as a text of its own.",
    caughtBy: "utf8/valid-greek-fragments",
  },
  "accepts-surrogates": { sentence: "Takes surrogates in UTF-8.", caughtBy: "utf8/invalid-surrogate-pair" },
  "any-close-code": { sentence: "Echoes close codes that may not be sent.", caughtBy: "close/bad-code-1005" },
  "close-always-1000": { sentence: "Answers every close with 1000.", caughtBy: "close/code-4000" },
  "keeps-stream": {
    sentence: "Does not end the stream after the close handshake.",
    caughtBy: "close/ends-the-stream",
  },
  "talks-after-close": { sentence: "Goes on answering after the close.", caughtBy: "close/then-text" },
  "any-close-reason": {
    sentence: "Does not look at the close reason.",
    caughtBy: "close/reason-not-utf8-overlong-2-c0",
  },
  "no-close-frame": {
    sentence: "Just ends the stream when a client breaks the rules.",
    caughtBy: "reserved/rsv1-on-text",
  },
  "forgets-context": {
    sentence: "Inflates every message in a fresh window.",
    caughtBy: "deflate/context-is-kept",
  },
  "keeps-context": {
    sentence: "Compresses with the context it promised not to keep.",
    caughtBy: "deflate/server-no-context-repetitive",
  },
  "large-window": { sentence: "Compresses in a larger window than agreed.", caughtBy: "deflate/window-12" },
  "inflates-fragments": {
    sentence: "Inflates every fragment as a message of its own.",
    caughtBy: "deflate/text-in-fragments-of-100",
  },
  "bad-offers": {
    sentence: "Takes up offers with invalid parameters.",
    caughtBy: "deflate/declines-unknown-parameter",
  },
  "rsv1-anywhere": {
    sentence: "Takes RSV1 on continuations and control frames.",
    caughtBy: "deflate/rsv1-on-continuation",
  },
  "compressed-not-utf8": {
    sentence: "Does not look at compressed text.",
    caughtBy: "deflate/not-utf8-continuation-80",
  },
  "stuck-on-corrupt": {
    sentence: "Says nothing when data does not inflate.",
    caughtBy: "deflate/corrupt-block-type",
  },
  "no-limit": { sentence: "Does not count fragments to the limit.", caughtBy: "limits/over-in-fragments" },
  bomb: { sentence: "Inflates without a limit.", caughtBy: "limits/bomb" },
} as const satisfies Record<string, Fault>;

/** What a broken client may do wrong besides, where the frames are as they should be. */
export const CLIENT_FAULTS = {
  "any-accept": { sentence: "Does not check the accept value.", caughtBy: "client/accept-wrong" },
  "any-status": { sentence: "Takes any status for 101.", caughtBy: "client/status-404" },
  "any-extension": {
    sentence: "Takes an extension that it did not offer.",
    caughtBy: "client/extension-unoffered",
  },
  "any-subprotocol": {
    sentence: "Takes a subprotocol that it did not offer.",
    caughtBy: "client/subprotocol-unoffered",
  },
  "any-upgrade": { sentence: "Does not look at Upgrade and Connection.", caughtBy: "client/upgrade-missing" },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS | keyof typeof CLIENT_FAULTS;
