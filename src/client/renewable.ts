import type { Auth } from "./options.ts";
import type { Socket } from "./socket.ts";

/** What stands for it on the wire: docs/protocol/reauthentication.md. */
const RENEW_KEY = "$renew";
const AUTH_EVENT = "$auth";

type Ask = (answer: (data: Record<string, unknown>) => void) => unknown;

/**
 * What a client shows of itself, for the option `auth`, so that our server can ask again while the client is connected: before a token ends, or when
 * {@link reauthenticate} is called. With any other server it is the same as without.
 *
 * @example
 * const socket = io("https://chat.example", { auth: renewable((give) => fetchToken().then((token) => give({ token }))) });
 */
export function renewable(auth: Auth): Auth {
  const listeners = new WeakMap<Socket, Ask>();
  return function (this: Socket, give): void {
    const ask: Ask =
      listeners.get(this) ??
      ((answer) => (typeof auth === "function" ? auth.call(this, answer) : answer(auth)));
    listeners.set(this, ask);
    // The application may have taken all listeners away.
    if (!this.listeners(AUTH_EVENT).includes(ask)) this.on(AUTH_EVENT, ask);
    return void ask((data) => give({ ...data, [RENEW_KEY]: true }));
  } as Auth;
}

/**
 * Has the server ask for `auth`, as there is a new one: by a user who has signed in, a token that was changed. Only for sockets whose `auth` is {@link renewable};
 * while not connected nothing happens, as `auth` is asked for at the next connect.
 */
export function reauthenticate(socket: Socket): void {
  socket.volatile.emit(AUTH_EVENT);
}
