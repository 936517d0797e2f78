import { HandshakeError } from "./errors.ts";
import { type Extension, formatExtension } from "./extensions.ts";

/** What both sides have agreed on (RFC 7692 §7.1). */
export interface DeflateParameters {
  /** The server begins each message with an empty window. */
  readonly serverNoContextTakeover: boolean;
  /** The client does. */
  readonly clientNoContextTakeover: boolean;
  /** The size of the server's window, as a power of two: 8 to 15. */
  readonly serverMaxWindowBits: number;
  /** The size of the client's. */
  readonly clientMaxWindowBits: number;
}

/** What one side wants. */
export interface DeflateWishes {
  /** Ask for, or insist on, no context takeover by the server. Default false. */
  readonly serverNoContextTakeover?: boolean | undefined;
  /** The same by the client. Default false. */
  readonly clientNoContextTakeover?: boolean | undefined;
  /** The largest window the server may use: 9 to 15. Default 15. */
  readonly serverMaxWindowBits?: number | undefined;
  /** The largest window the client may use: 9 to 15; in an offer, `true` leaves it to the server. Default, in an offer: true. */
  readonly clientMaxWindowBits?: number | true | undefined;
}

const NAME = "permessage-deflate";
const LARGEST_WINDOW = 15;
/** zlib makes no raw deflate stream with a window of 8 bits. */
const SMALLEST_OWN_WINDOW = 9;

interface RawParameters {
  server_no_context_takeover?: true;
  client_no_context_takeover?: true;
  server_max_window_bits?: number;
  client_max_window_bits?: number | true;
}

/** A client's offer, as a value for its `Sec-WebSocket-Extensions` header. */
export function offerDeflate(wishes: DeflateWishes): string {
  const { clientMaxWindowBits = true, serverMaxWindowBits } = wishes;
  return format({
    ...(wishes.serverNoContextTakeover === true && { server_no_context_takeover: true }),
    ...(wishes.clientNoContextTakeover === true && { client_no_context_takeover: true }),
    ...(serverMaxWindowBits !== undefined && { server_max_window_bits: serverMaxWindowBits }),
    client_max_window_bits: clientMaxWindowBits,
  });
}

/**
 * Chooses among a client's offers, in their order, the first that can be honoured, and says what to answer. An offer with an
 * unknown, repeated or invalid parameter is declined (RFC 7692 §5.1, §7.1), not answered with an error.
 */
export function acceptDeflate(
  offers: readonly Extension[],
  wishes: DeflateWishes,
): { parameters: DeflateParameters; answer: string } | undefined {
  for (const offer of offers) {
    const offered = offer.name === NAME ? readParameters(offer) : undefined;
    if (offered === undefined) continue;
    const parameters = honour(offered, wishes);
    if (parameters === undefined) continue;
    return { parameters, answer: answerTo(offered, parameters) };
  }
  return undefined;
}

/** Checks a server's answer to what we offered. Throws `HandshakeError` if the connection must be failed (RFC 7692 §5.1). */
export function checkDeflateAnswer(
  extensions: readonly Extension[],
  wishes: DeflateWishes,
): DeflateParameters {
  const [extension, ...more] = extensions;
  if (extension === undefined || more.length > 0 || extension.name !== NAME) {
    throw refused("an extension that was not offered");
  }
  const chosen = readParameters(extension);
  if (chosen === undefined) throw refused("permessage-deflate with invalid parameters");
  const { serverMaxWindowBits = LARGEST_WINDOW, clientMaxWindowBits = true } = wishes;
  const serverBits = chosen.server_max_window_bits ?? LARGEST_WINDOW;
  const clientBits = chosen.client_max_window_bits;
  if (
    clientBits === true ||
    serverBits > serverMaxWindowBits ||
    (wishes.serverNoContextTakeover === true && chosen.server_no_context_takeover !== true) ||
    (clientMaxWindowBits !== true && clientBits !== undefined && clientBits > clientMaxWindowBits)
  ) {
    throw refused("permessage-deflate with parameters that were not offered");
  }
  return {
    serverNoContextTakeover: chosen.server_no_context_takeover === true,
    clientNoContextTakeover:
      chosen.client_no_context_takeover === true || wishes.clientNoContextTakeover === true,
    serverMaxWindowBits: serverBits,
    clientMaxWindowBits: clientBits ?? (clientMaxWindowBits === true ? LARGEST_WINDOW : clientMaxWindowBits),
  };
}

function honour(offered: RawParameters, wishes: DeflateWishes): DeflateParameters | undefined {
  const serverBits = Math.min(
    offered.server_max_window_bits ?? LARGEST_WINDOW,
    wishes.serverMaxWindowBits ?? LARGEST_WINDOW,
  );
  if (serverBits < SMALLEST_OWN_WINDOW) return undefined;
  const wantedBits = wishes.clientMaxWindowBits;
  // RFC 7692 §7.1.2.2: a client that does not say so can't be told to use a smaller window.
  if (offered.client_max_window_bits === undefined && typeof wantedBits === "number") return undefined;
  const offeredBits =
    typeof offered.client_max_window_bits === "number" ? offered.client_max_window_bits : LARGEST_WINDOW;
  return {
    serverNoContextTakeover:
      offered.server_no_context_takeover === true || wishes.serverNoContextTakeover === true,
    clientNoContextTakeover:
      offered.client_no_context_takeover === true || wishes.clientNoContextTakeover === true,
    serverMaxWindowBits: serverBits,
    clientMaxWindowBits: typeof wantedBits === "number" ? Math.min(offeredBits, wantedBits) : offeredBits,
  };
}

function answerTo(offered: RawParameters, parameters: DeflateParameters): string {
  const { serverMaxWindowBits, clientMaxWindowBits } = parameters;
  const saysServerBits = serverMaxWindowBits < LARGEST_WINDOW || offered.server_max_window_bits !== undefined;
  const saysClientBits = clientMaxWindowBits < LARGEST_WINDOW && offered.client_max_window_bits !== undefined;
  return format({
    ...(parameters.serverNoContextTakeover && { server_no_context_takeover: true }),
    ...(parameters.clientNoContextTakeover && { client_no_context_takeover: true }),
    ...(saysServerBits && { server_max_window_bits: serverMaxWindowBits }),
    ...(saysClientBits && { client_max_window_bits: clientMaxWindowBits }),
  });
}

/** The parameters of an offer or answer; undefined if one is unknown, repeated or invalid. */
function readParameters({ parameters }: Extension): RawParameters | undefined {
  const raw: Record<string, number | true> = {};
  for (const [name, value] of parameters) {
    if (Object.hasOwn(raw, name)) return undefined;
    switch (name) {
      case "server_no_context_takeover":
      case "client_no_context_takeover":
        if (value !== true) return undefined;
        raw[name] = true;
        break;
      case "server_max_window_bits":
      case "client_max_window_bits":
        // RFC 7692 §7.1.2: a decimal without leading zeros from 8 to 15.
        if (value === true ? name === "server_max_window_bits" : !/^(?:[89]|1[0-5])$/.test(value)) {
          return undefined;
        }
        raw[name] = value === true ? true : Number(value);
        break;
      default:
        return undefined;
    }
  }
  return raw as RawParameters;
}

function format(raw: RawParameters): string {
  const parameters = Object.entries(raw as Record<string, number | true>).map(
    ([name, value]) => [name, value === true ? true : String(value)] as const,
  );
  return formatExtension({ name: NAME, parameters });
}

function refused(what: string): HandshakeError {
  return new HandshakeError("WS_ERR_HANDSHAKE_RESPONSE", 101, `The server chose ${what}.`);
}
