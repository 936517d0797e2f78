import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { createServer, type ServerOptions as HttpsOptions } from "node:https";
import { describe, test, type TestContext } from "node:test";
import { type ClientOptions, io, type TransportName } from "../../src/client/node.ts";
import { io as ioByWebSocket } from "../../src/client/websocket-only-node.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { nodeClient } from "../support/node-client.ts";
import { nextOf } from "../support/stock-client.ts";
import { cert, key } from "../support/tls/certificate.ts";
import { until } from "../support/until.ts";

const WAYS: readonly (readonly TransportName[])[] = [
  ["websocket"],
  ["polling"],
  ["sse"],
  ["short-polling"],
  ["polling", "websocket"],
];

/** A server that echoes, behind TLS; its address. */
async function serveTls(t: TestContext, options: HttpsOptions = {}): Promise<string> {
  const http = createServer({ key, cert, ...options });
  const { io: server, port } = await startServer(t, {}, { http });
  server.on("connection", (socket) => {
    socket.on("echo", (value: unknown, ack: (same: unknown) => void) => ack(value));
  });
  undoAfter(t, async () => {
    // The client has said goodbye; what it keeps open for another request would hold the server up.
    await until(() => server.of("/").sockets.size === 0);
    http.closeAllConnections();
  });
  return `https://localhost:${port}`;
}

const alone = { reconnection: false, rememberTransport: false } as const;

/** What becomes of an attempt: the code of Node's error, or undefined if it succeeds. */
async function problemWith(t: TestContext, url: string, options: ClientOptions): Promise<unknown> {
  const client = nodeClient(t, url, { ...alone, ...options });
  return new Promise((resolve) => {
    client.on("connect", () => resolve(undefined));
    client.on("connect_error", (error) => resolve((error as { code?: unknown }).code ?? error));
  });
}

describe("TLS", () => {
  for (const transports of WAYS) {
    test(`an authority of one's own is trusted: ${transports.join(", ")}`, async (t) => {
      const url = await serveTls(t);
      const client = nodeClient(t, url, { ...alone, transports, ca: cert });
      const bytes = Buffer.alloc(100_000, 7);
      for (const value of ["ä€😀", { bytes }, "x".repeat(300_000)]) {
        assert.deepEqual(await client.emitWithAck("echo", value), value);
      }
      const left = nextOf(client, "disconnect");
      client.disconnect();
      await left;
    });

    test(`nobody else's is, unless it is not to be verified: ${transports.join(", ")}`, async (t) => {
      const url = await serveTls(t);
      const untrusted = await problemWith(t, url, { transports, ciphers: "DEFAULT" });
      assert.match(String(untrusted), /SELF_SIGNED|UNABLE_TO_VERIFY/);
      assert.equal(await problemWith(t, url, { transports, rejectUnauthorized: false }), undefined);
    });
  }

  test("a server that asks for our certificate gets it, on every transport", async (t) => {
    const url = await serveTls(t, { requestCert: true, ca: cert });
    const passphrase = "not much of a secret";
    const locked = createPrivateKey(key)
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase })
      .toString();
    for (const transports of WAYS) {
      assert.notEqual(await problemWith(t, url, { transports, ca: cert }), undefined);
      assert.equal(await problemWith(t, url, { transports, ca: cert, cert, key }), undefined);
      const mine = { cert: [cert], key: [Buffer.from(locked)], passphrase };
      assert.equal(await problemWith(t, url, { transports, ca: [cert], ...mine }), undefined);
    }
  });

  test("holds for a client that must not keep the process alive, and for one with WebSocket alone", async (t) => {
    const url = await serveTls(t);
    assert.equal(
      await problemWith(t, url, { ca: cert, autoUnref: true, transports: ["websocket"] }),
      undefined,
    );
    const client = ioByWebSocket(url, { ...alone, ca: cert });
    undoAfter(t, () => client.disconnect());
    await nextOf(client, "connect");
  });

  test("what can't be is an error as Node gives it, where the connection would be made", async (t) => {
    const nonsense = { cert, key: "nonsense" };
    const connect = (): unknown =>
      io("https://localhost", { ...alone, forceNew: true, transports: ["websocket"], ...nonsense });
    assert.throws(connect, { code: /^ERR_OSSL_/ });
    const problem = await problemWith(t, "https://localhost", { transports: ["polling"], ...nonsense });
    assert.match(String(problem), /^ERR_OSSL_/);
  });
});

test("an agent makes the connections of all transports", async (t) => {
  const { url } = await startServer(t);
  for (const transports of WAYS) {
    let made = 0;
    class CountingAgent extends HttpAgent {
      override createConnection(...args: Parameters<HttpAgent["createConnection"]>) {
        made += 1;
        return super.createConnection(...args);
      }
    }
    const agent = new CountingAgent({ keepAlive: true });
    assert.equal(await problemWith(t, url, { transports, agent }), undefined);
    assert.ok(made > 0, transports.join());
    undoAfter(t, () => agent.destroy());
  }
});
