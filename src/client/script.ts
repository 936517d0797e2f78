/** What the plain script, `switchboard/client.min.js`, runs: one global, `io`, that has everything else. */
import * as client from "./browser.ts";

/**
 * The global of a page that loads `client.min.js`: a function as {@link Io}, with what `switchboard/client` exports on it.
 *
 * @example
 * <script src="https://cdn.example/switchboard/dist/browser/client.min.js"></script>
 * <script>
 *   const socket = io();
 *   const prices = new io.ReliableWebSocket("wss://prices.example/stream");
 * </script>
 */
export type ScriptGlobal = typeof client.io & typeof client & { readonly connect: typeof client.io };

Object.assign(globalThis, { io: Object.assign(client.io, client, { connect: client.io }) });
