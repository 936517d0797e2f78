import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/**
 * Which proxies are believed when they say for whom they ask: how many there are in front of the server; their addresses and networks
 * (`"10.0.0.0/8"`, and by name `"loopback"`, `"linklocal"`, `"uniquelocal"`); or a function of an address and its distance from the
 * server, 0 for the peer itself.
 */
export type TrustProxy =
  | boolean
  | number
  | string
  | readonly string[]
  | ((address: string, hop: number) => boolean);

/** Where a request came from. */
export interface Origin {
  /** The client's address. */
  readonly address: string;
  /** Whether it spoke TLS. */
  readonly secure: boolean;
}

/** Finds where a request came from. */
export type FindOrigin = (request: IncomingMessage) => Origin;

const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/**
 * Makes the function that finds where requests came from: the nearest address that is no trusted proxy's, by `X-Forwarded-For` from its
 * end, and whether it spoke TLS by the last value of `X-Forwarded-Proto` if the peer is trusted. An entry that is no address ends the way: whoever wrote it is taken
 * for the client. Throws a `TypeError` or `RangeError` for what names no proxies.
 */
export function originFinder(trust: TrustProxy): FindOrigin {
  if (trust === false) return peerOf;
  const isTrusted = trustFunction(trust);
  return (request) => {
    const peer = peerOf(request);
    if (!isTrusted(peer.address, 0)) return peer;
    const scheme = listOf(request.headers["x-forwarded-proto"]).at(-1);
    const secure = scheme === undefined ? peer.secure : scheme === "https" || scheme === "wss";
    const path = listOf(request.headers["x-forwarded-for"]);
    let address = peer.address;
    for (let hop = 0; isTrusted(address, hop); hop += 1) {
      const next = withoutPort(path.pop() ?? "");
      if (isIP(next) === 0) break;
      address = next;
    }
    return { address, secure };
  };
}

function peerOf({ socket }: IncomingMessage): Origin {
  // A request of a program's own making has none.
  if (socket === null || socket === undefined) return { address: "", secure: false };
  return { address: socket.remoteAddress ?? "", secure: "encrypted" in socket };
}

function trustFunction(trust: Exclude<TrustProxy, false>): (address: string, hop: number) => boolean {
  if (typeof trust === "function") return trust;
  if (trust === true) return () => true;
  if (typeof trust === "number") {
    if (!Number.isInteger(trust) || trust < 0) {
      throw new RangeError(`The option "trustProxy" must be a whole number of proxies, not ${trust}.`);
    }
    return (_address, hop) => hop < trust;
  }
  const names = typeof trust === "string" ? trust.split(",") : trust;
  const proxies = new BlockList();
  for (const name of names.flatMap((given) => NETWORKS[given.trim()] ?? [given.trim()])) add(proxies, name);
  return (address) => {
    const plain = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
    const version = isIP(plain);
    return version !== 0 && proxies.check(plain, version === 6 ? "ipv6" : "ipv4");
  };
}

function add(proxies: BlockList, name: string): void {
  const [, address = name, prefix] = /^([^/]*)\/(\d+)$/.exec(name) ?? [];
  const version = isIP(address);
  const family = version === 6 ? "ipv6" : "ipv4";
  const most = version === 6 ? 128 : 32;
  const bits = Number(prefix ?? most);
  if (version === 0 || bits > most) {
    throw new TypeError(
      `The option "trustProxy" must name addresses or networks, not ${JSON.stringify(name)}.`,
    );
  }
  proxies.addSubnet(address, bits, family);
}

function listOf(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  return String(header)
    .split(",")
    .map((entry) => entry.trim());
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` as some proxies write them. */
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(entry);
  if (bracketed !== null) return bracketed[1]!;
  return /^[\d.]+:\d+$/.test(entry) ? entry.slice(0, entry.indexOf(":")) : entry;
}
