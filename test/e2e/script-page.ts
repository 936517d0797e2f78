/** Runs in a page, behind the plain script: what tests ask of the client there, as `talk`. */
import type { ClientOptions, Socket } from "../../src/client/browser.ts";
import type { ScriptGlobal } from "../../src/client/script.ts";

const { io } = globalThis as unknown as { io: ScriptGlobal };
const COUNT = 50;

/** A socket that the test sees through the loss of its connection. */
interface Comeback {
  readonly socket: Socket;
  /** Resolves when it was lost, with the promises for what was written then. */
  readonly lost: Promise<{ notes: Promise<unknown>[] }>;
}

let comebacks: Comeback[] = [];

function open(transports: ClientOptions["transports"]): Promise<Socket> {
  const options = { reconnectionDelay: 100, reconnectionDelayMax: 200 };
  const socket = io(transports === undefined ? options : { ...options, transports });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });
}

function assert(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}

async function echo(socket: Socket): Promise<void> {
  const text = "Grüße 👋 \n\r\u001E";
  assert((await socket.emitWithAck("echo", text)) === text, "text");
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at & 255);
  const same = new Uint8Array((await socket.emitWithAck("echo", bytes)) as Uint8Array);
  assert(same.length === bytes.length && same.every((byte, at) => byte === bytes[at]), "bytes");
}

const talk = {
  /** Events, acknowledgements, text and bytes; resolves with the transport that carried them. */
  async converse(transports?: ClientOptions["transports"]): Promise<string> {
    const socket = await open(transports);
    await echo(socket);
    const counted: number[] = [];
    await new Promise<void>((resolve) => {
      socket.on("count", (value: number) => {
        if (counted.push(value) === COUNT) resolve();
      });
      for (let value = 0; value < COUNT; value++) socket.emit("count", value);
    });
    assert(
      counted.every((value, at) => value === at),
      "order",
    );
    const { name } = socket.io.engine.transport;
    socket.disconnect();
    return String(name);
  },

  /** Connects with each of the lists, and has each write something as soon as its connection is lost. */
  async begin(lists: readonly ClientOptions["transports"][]): Promise<void> {
    const sockets = await Promise.all(lists.map(open));
    comebacks = sockets.map((socket) => {
      const lost = new Promise<{ notes: Promise<unknown>[] }>((resolve) => {
        socket.once("disconnect", () => {
          resolve({ notes: ["one", "two"].map((text) => socket.emitWithAck("echo", text)) });
        });
      });
      return { socket, lost };
    });
  },

  /** Resolves when what they wrote has been answered, with the answers. */
  async back(): Promise<unknown[]> {
    const answers = await Promise.all(comebacks.map(async ({ lost }) => Promise.all((await lost).notes)));
    for (const { socket } of comebacks) {
      await echo(socket);
      socket.disconnect();
    }
    return answers;
  },

  /** A `ReliableWebSocket` to an echo server that cuts who says so; resolves with what happened. */
  reliable(url: string): Promise<string[]> {
    const events: string[] = [];
    const socket = new io.ReliableWebSocket(url, ["echo"], {
      reconnectionDelay: 50,
      heartbeat: { message: "ping", interval: 20, isAnswer: (message) => message === "ping" },
    });
    socket.binaryType = "arraybuffer";
    socket.onopen = ({ reconnected }) => {
      events.push(`open ${reconnected} ${socket.protocol}`);
      if (reconnected) socket.send(new Blob(["blob"]));
      else socket.send("cut");
    };
    socket.onreconnecting = ({ why }) => {
      events.push(`reconnecting ${why.code}`);
      socket.send("waited");
    };
    socket.onmessage = ({ data }) => {
      events.push(
        `message ${typeof data === "string" ? data : new TextDecoder().decode(data as ArrayBuffer)}`,
      );
      if (typeof data !== "string") socket.close(4000, "enough");
    };
    return new Promise((resolve) => {
      socket.onclose = ({ code, reason, wasClean }) =>
        resolve([...events, `close ${code} ${reason} ${wasClean}`]);
    });
  },
};

Object.assign(globalThis, { talk });
