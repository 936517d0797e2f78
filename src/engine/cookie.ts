/** A cookie with the session's id, for load balancers that send a client to the same server by it. */
export interface CookieOptions {
  /** Default `io`. */
  name?: string;
  /** The paths that it is sent to. Default `/`; "": that of the request. */
  path?: string;
  /** Whether scripts in the page can't read it. Default true. */
  httpOnly?: boolean;
  /** Whether requests from other sites carry it. `true` is the same as `"strict"`. Default `"lax"`. */
  sameSite?: boolean | "lax" | "strict" | "none";
  /** The domain that it is for. Default: the host of the request alone. */
  domain?: string;
  /** When it ends, in seconds from now. Default: with the browser's session. */
  maxAge?: number;
  /** When it ends. Default: with the browser's session. */
  expires?: Date;
  /** Whether it is for TLS only. Default false. */
  secure?: boolean;
  /** Whether it is kept apart for each page that embeds. Default false. */
  partitioned?: boolean;
  priority?: "low" | "medium" | "high";
}

/** A token (RFC 6265 §4.1.1). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const PATH = /^[\u0020-\u003A\u003D-\u007E]*$/;
const DOMAIN = /^\.?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * Makes what writes the cookie of a session: its `Set-Cookie` header by the session's id.
 * Throws a `TypeError` for a name, path, domain or age that can't be.
 */
export function cookieWriter(options: CookieOptions | true): (id: string) => string {
  const {
    name = "io",
    path = "/",
    httpOnly = true,
    sameSite = "lax",
    ...rest
  } = options === true ? {} : options;
  const { domain = "", maxAge, expires, secure = false, partitioned = false, priority } = rest;
  check("name", name, NAME.test(name));
  check("path", path, PATH.test(path));
  check("domain", domain, domain === "" || DOMAIN.test(domain));
  check("maxAge", String(maxAge), maxAge === undefined || Number.isFinite(maxAge));
  const attributes = [
    maxAge === undefined ? "" : `; Max-Age=${Math.floor(maxAge)}`,
    domain === "" ? "" : `; Domain=${domain}`,
    path === "" ? "" : `; Path=${path}`,
    expires === undefined ? "" : `; Expires=${expires.toUTCString()}`,
    httpOnly ? "; HttpOnly" : "",
    secure ? "; Secure" : "",
    partitioned ? "; Partitioned" : "",
    priority === undefined ? "" : `; Priority=${capital(priority)}`,
    sameSite === false ? "" : `; SameSite=${capital(sameSite === true ? "strict" : sameSite)}`,
  ].join("");
  return (id) => `${name}=${encodeURIComponent(id)}${attributes}`;
}

function check(what: string, value: string, isRight: boolean): void {
  if (!isRight) throw new TypeError(`The cookie's ${what} can't be "${value}".`);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
