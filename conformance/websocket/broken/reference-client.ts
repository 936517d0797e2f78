import { randomBytes } from "node:crypto";
import net from "node:net";
import { acceptValue, field, hasToken, type Head, parseHead } from "../../lib/wire/http.ts";
import { EchoConnection } from "./echo-connection.ts";
import type { FaultName } from "./faults.ts";

/** How many cases a client visits side by side. */
const WIDTH = 8;

/**
 * A client that goes through the whole client suite at this URL and echoes, at most one fault aside. It offers no
 * compression. Resolves when it has been everywhere.
 */
export async function runReferenceClient(url: string, fault?: FaultName): Promise<void> {
  const { port } = new URL(url);
  const count = Number((await visit(Number(port), "/count", undefined)).toString("latin1"));
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= count) await visit(Number(port), `/case?n=${next++}`, fault);
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  await visit(Number(port), "/done", undefined);
}

/** Connects, echoes until the stream ends, and gives the first message if it was told one. */
function visit(port: number, target: string, fault: FaultName | undefined): Promise<Buffer> {
  return new Promise((resolve) => {
    const key = randomBytes(16).toString("base64");
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    let first: Buffer = Buffer.alloc(0);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(first));
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    const onMessage = (data: Buffer): void => void (first = data);
    const options = {
      role: "client",
      fault,
      maxPayloadBytes: 32 << 20,
      compression: undefined,
      onMessage,
    } as const;
    const connection = new EchoConnection(socket, options);

    let head: Buffer = Buffer.alloc(0);
    const readAnswer = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!isRight(parseHead(head.subarray(0, end)), key, fault)) return void socket.destroy();
      socket.off("data", readAnswer);
      socket.on("data", (bytes: Buffer) => connection.receive(bytes));
      connection.receive(head.subarray(end + 4));
    };
    socket.on("data", readAnswer);
  });
}

function isRight(head: Head, key: string, fault: FaultName | undefined): boolean {
  const upgraded = hasToken(head, "upgrade", "websocket") && hasToken(head, "connection", "upgrade");
  return (
    (/^HTTP\/1\.1 101( |$)/.test(head.line) || fault === "any-status") &&
    (upgraded || fault === "any-upgrade") &&
    (field(head, "sec-websocket-accept") === acceptValue(key) || fault === "any-accept") &&
    (field(head, "sec-websocket-extensions") === undefined || fault === "any-extension") &&
    (field(head, "sec-websocket-protocol") === undefined || fault === "any-subprotocol")
  );
}
