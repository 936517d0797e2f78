import type { DefaultEvents, EventMap } from "../shared/events.ts";
import { Manager as BaseManager } from "./manager.ts";
import type { ClientOptions, ManagerOptions } from "./options.ts";
import type { SessionPlatform } from "./platform.ts";
import { originOf, serverUrl } from "./server-url.ts";
import { Socket } from "./socket.ts";
import type { SessionsTo } from "./session.ts";

/** Makes managers of a platform. */
export interface ManagerConstructor {
  /**
   * Connects to a server unless `autoConnect` is false. In a page, the URL may be left out: it is then the page's own server. Throws a `TypeError`
   * for something that is not a URL.
   */
  new (url?: string | URL | ManagerOptions, options?: ManagerOptions): BaseManager;
  readonly prototype: BaseManager;
}

/** The `io` function of a platform. */
export interface Io {
  /**
   * Connects to a server and returns the socket of a namespace: the path of the URL, `/` for none.
   * In a page, the URL may be left out, or be a path: it is then the page's own server.
   * Throws a `TypeError` for something that is not a URL.
   *
   * Namespaces of one server share a connection: that of the first call with the same origin and `path`, whose options of the connection
   * (`query`, `transports` …) hold for all. A namespace that is there already gets a connection of its own, as does a call with
   * `forceNew: true` or `multiplex: false`.
   *
   * @example
   * const socket = io("https://chat.example", { auth: { token } });
   * const admin = io("https://chat.example/admin");
   */
  <ListenEvents extends EventMap = DefaultEvents, EmitEvents extends EventMap = DefaultEvents>(
    url?: string | URL | ClientOptions,
    options?: ClientOptions,
  ): Socket<ListenEvents, EmitEvents>;
  /** The function itself, by another name. */
  readonly connect: Io;
  readonly Manager: ManagerConstructor;
  readonly Socket: typeof Socket;
  /** The version of the Socket.IO protocol. */
  readonly protocol: 5;
}

/** Makes the class of a platform's managers, with the sessions that they may have. */
export function makeManager<World extends SessionPlatform>(
  platform: World,
  sessionsTo: SessionsTo<World>,
): ManagerConstructor {
  return class Manager extends BaseManager {
    constructor(url?: string | URL | ManagerOptions, options?: ManagerOptions) {
      // A manager hands over the platform that it gets here, or what is detached of it.
      super(platform, sessionsTo as SessionsTo, ...withUrl(url, options));
    }
  };
}

/** Makes `io` for a platform, with the sessions that it may have, or for a class of managers that was made of both. */
export function makeIo<World extends SessionPlatform>(
  platform: World,
  sessionsTo: SessionsTo<World>,
  Manager: ManagerConstructor = makeManager(platform, sessionsTo),
): Io {
  /** The shared connections, by origin and path. */
  const managers = new Map<string, BaseManager>();

  const io = <ListenEvents extends EventMap, EmitEvents extends EventMap>(
    first?: string | URL | ClientOptions,
    second?: ClientOptions,
  ): Socket<ListenEvents, EmitEvents> => {
    const [address, options] = withUrl(first, second);
    const url = serverUrl(address, platform.pageUrl);
    const { pathname } = url;
    const key = `${originOf(url)} ${options.path ?? ""}`;
    let manager = managers.get(key);
    const isAlone = options.forceNew === true || options.multiplex === false || manager?.has(pathname);
    if (manager === undefined || isAlone === true) {
      manager = new Manager(url, options);
      if (isAlone !== true) managers.set(key, manager);
    }
    return manager.socket<ListenEvents, EmitEvents>(pathname, options);
  };
  return Object.assign(io, { Manager, Socket, protocol: 5 as const, connect: io }) as Io;
}

/** The URL may be left out. */
function withUrl<Options extends object>(
  first: string | URL | Options | undefined,
  second: Options | undefined,
): [string | URL, Options] {
  const hasUrl = typeof first === "string" || first instanceof URL;
  const options = (hasUrl ? second : first) ?? ({} as Options);
  return [hasUrl ? first : "/", options];
}
