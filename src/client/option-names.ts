import { consoleLogger, type Logger } from "../shared/logger.ts";
import type { DefaultEvents, EventMap } from "../shared/events.ts";
import type { ManagerConstructor } from "./io.ts";
import type { ClientOptions, ManagerOptions, SocketOptions } from "./options.ts";
import type { Socket } from "./socket.ts";

/** All names; one that is missing here does not compile. */
const KNOWN: Readonly<Record<keyof ClientOptions, true>> = {
  ackTimeout: true,
  agent: true,
  auth: true,
  autoConnect: true,
  autoUnref: true,
  ca: true,
  cert: true,
  ciphers: true,
  closeOnBeforeunload: true,
  delivery: true,
  extraHeaders: true,
  fetch: true,
  forceNew: true,
  key: true,
  logger: true,
  maxBufferedBytes: true,
  maxBufferedEvents: true,
  multiplex: true,
  passphrase: true,
  path: true,
  pfx: true,
  probeTimeout: true,
  query: true,
  raceDelay: true,
  randomizationFactor: true,
  reconnection: true,
  reconnectionAttempts: true,
  reconnectionDelay: true,
  reconnectionDelayMax: true,
  rejectUnauthorized: true,
  rememberTransport: true,
  rememberUpgrade: true,
  retries: true,
  timeout: true,
  transports: true,
  tryAllTransports: true,
  upgrade: true,
  withCredentials: true,
};

/**
 * The same managers, which warn of options that nobody knows: once for each object of options, as `io` hands the same one to a manager and to its
 * socket. In Node only: a page would have to load all these names.
 */
export function warningOfNames(Base: ManagerConstructor): ManagerConstructor {
  const seen = new WeakSet<object>();
  const check = (options: object, logger: Logger = consoleLogger): void => {
    if (seen.has(options)) return;
    seen.add(options);
    for (const [name, value] of Object.entries(options) as [string, unknown][]) {
      if (value === undefined || Object.hasOwn(KNOWN, name)) continue;
      logger.warn({ option: name }, `The option "${name}" is not known, and passed over.`);
    }
  };

  return class Manager extends Base {
    constructor(url?: string | URL | ManagerOptions, options?: ManagerOptions) {
      super(url, options);
      const given = typeof url === "string" || url instanceof URL ? options : url;
      check(given ?? {}, this.opts.logger);
    }

    override socket<
      ListenEvents extends EventMap = DefaultEvents,
      EmitEvents extends EventMap = DefaultEvents,
    >(namespace: string, options: SocketOptions = {}): Socket<ListenEvents, EmitEvents> {
      check(options, this.opts.logger);
      return super.socket(namespace, options);
    }
  };
}
