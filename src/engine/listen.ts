import { createServer, type Server } from "node:http";

/** How long a client may take over the headers of its request. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How long it may take over a whole request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How often these two are looked after. */
const CHECK_INTERVAL_MS = 1000;

/** An HTTP server for the engine alone; clients that never finish their request do not keep it busy. */
export function createHttpServer(): Server {
  return createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
  });
}
