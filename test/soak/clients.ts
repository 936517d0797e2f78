/**
 * The other half of the soak, in a process of its own: holds raw TCP connections that have done an opening handshake, and replaces
 * some of them every second. Speaks with its parent by messages.
 */
import { connect, type Socket } from "node:net";
import { handshakeText } from "../support/raw-client.ts";

/** What the parent asks for. */
export type Order =
  | { readonly open: number; readonly port: number }
  | { readonly churn: number }
  | { readonly leave: true };

/** What it is told: how many are open, and how many the server has ended. */
export interface Count {
  readonly held: number;
  readonly lost: number;
  readonly error?: string;
}

/** More handshakes at a time only wait for each other. */
const AT_A_TIME = 100;
/** A masked close frame without a code. */
const CLOSE_FRAME = Buffer.from([0x88, 0x80, 1, 2, 3, 4]);

const held: Socket[] = [];
const leaving = new WeakSet<Socket>();
let port = 0;
let lost = 0;

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = connect({ port, host: "127.0.0.1" }, () => stream.write(handshakeText()));
    stream.once("error", reject);
    stream.once("data", (chunk: Buffer) => {
      if (!chunk.toString("latin1").startsWith("HTTP/1.1 101 ")) {
        reject(new Error(`The server refused a handshake: ${chunk.toString("latin1", 0, 40)}`));
        return;
      }
      stream.off("error", reject);
      stream.on("error", () => stream.destroy());
      stream.once("close", () => {
        if (!leaving.has(stream)) lost += 1;
      });
      stream.resume();
      held.push(stream);
      resolve();
    });
  });
}

async function openMany(count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await open();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count) }, worker));
}

/** Half of them say goodbye, half just go. */
async function close(stream: Socket, index: number): Promise<void> {
  leaving.add(stream);
  const closed = new Promise<void>((resolve) => void stream.once("close", () => resolve()));
  if (index % 2 === 0) stream.write(CLOSE_FRAME);
  else stream.destroy();
  await closed;
}

async function obey(order: Order): Promise<void> {
  if ("open" in order) {
    ({ port } = order);
    await openMany(order.open);
  } else if ("churn" in order) {
    await Promise.all(held.splice(0, order.churn).map(close));
    await openMany(order.churn);
  } else {
    await Promise.all(held.splice(0).map(close));
  }
}

process.on("message", (order: Order) => {
  const tell = (error?: string): void => {
    const count: Count = { held: held.length, lost, ...(error !== undefined && { error }) };
    process.send?.(count);
  };
  obey(order).then(
    () => tell(),
    (error: unknown) => tell(String(error)),
  );
});
