import type { Logger } from "../shared/logger.ts";

/** Options of engine.io that ask for something that is not here: what to do instead. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  wsEngine: "WebSockets are the server's own: leave it out.",
  initialPacket: 'Send it when "connection" is emitted.',
};

const OLD_CLIENTS =
  'The option "allowEIO3" can only be false: clients speak version 4 of Engine.IO, which is Socket.IO 3 and later.';
const WEB_TRANSPORT =
  'The option "transports" can\'t have "webtransport": leave it out, and clients that know it go on with the others.';

/**
 * Throws a `TypeError` for an option of engine.io that asks for something that is not here: a program would wait for it in vain. What nobody
 * knows is passed over, with a warning: what it was meant for is not known either.
 */
export function checkOptionNames(
  options: object,
  known: Readonly<Record<string, true>>,
  logger: Logger,
): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    if (Object.hasOwn(UNSUPPORTED, name)) {
      throw new TypeError(`The option "${name}" is not supported. ${UNSUPPORTED[name]}`);
    }
    logger.warn({ option: name }, `The option "${name}" is not known, and passed over.`);
  }
  const { allowEIO3 = false, transports } = options as { allowEIO3?: unknown; transports?: unknown };
  if (allowEIO3 !== false) throw new TypeError(OLD_CLIENTS);
  if (Array.isArray(transports) && transports.includes("webtransport")) throw new TypeError(WEB_TRANSPORT);
}
