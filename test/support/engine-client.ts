import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { undoAfter } from "./fixture.ts";
import { type HeaderChanges, RawClient } from "./raw-client.ts";
import { closeOf, OPCODE } from "./wire-frames.ts";

/** The path of a right handshake. */
export const SESSION_PATH = "/socket.io/?EIO=4&transport=websocket";

/** An Engine.IO client that does nothing by itself: it does not even answer pings. */
export class EngineClient {
  readonly raw: RawClient;
  /** The payload of the open packet. */
  readonly handshake: Readonly<Record<string, unknown>>;

  private constructor(raw: RawClient, handshake: Record<string, unknown>) {
    this.raw = raw;
    this.handshake = handshake;
  }

  /** Opens a session and reads the open packet. */
  static async open(
    t: TestContext,
    port: number,
    path = SESSION_PATH,
    headers?: HeaderChanges,
  ): Promise<EngineClient> {
    const raw = await connectRaw(t, port);
    await raw.open(path, headers);
    const { opcode, payload } = await raw.nextFrame();
    assert.equal(opcode, OPCODE.text);
    assert.equal(payload[0], 0x30, "the first packet opens the session");
    return new EngineClient(raw, JSON.parse(payload.toString("utf8", 1)) as Record<string, unknown>);
  }

  /** Opens a session and joins a namespace. */
  static async join(t: TestContext, port: number, namespace = "/"): Promise<EngineClient> {
    const client = await EngineClient.open(t, port);
    await client.joinNamespace(namespace);
    return client;
  }

  /** Joins a namespace and returns the socket's id. */
  async joinNamespace(namespace = "/"): Promise<string> {
    const prefix = namespace === "/" ? "40" : `40${namespace},`;
    await this.send(prefix);
    const answer = await this.next();
    assert.ok(answer.startsWith(`${prefix}{"sid":"`), answer);
    return (JSON.parse(answer.slice(prefix.length)) as { sid: string }).sid;
  }

  /** Sends a text message: packets as they are. */
  send(packet: string): Promise<void> {
    return this.raw.sendText(packet);
  }

  sendBinary(bytes: Uint8Array): Promise<void> {
    return this.raw.sendBinary(bytes);
  }

  /** The next message, which must be text. */
  async next(): Promise<string> {
    const { opcode, payload } = await this.raw.nextFrame();
    assert.equal(opcode, OPCODE.text, `not text: ${opcode} ${payload.toString("latin1")}`);
    return payload.toString("utf8");
  }

  /** The next message, which must be binary. */
  async nextBinary(): Promise<Buffer> {
    const { opcode, payload } = await this.raw.nextFrame();
    assert.equal(opcode, OPCODE.binary, `not binary: ${opcode} ${payload.toString("latin1")}`);
    return payload;
  }

  /** The code of the close frame that comes next (undefined if it has none); answers it, and waits for the end. */
  async nextClose(): Promise<number | undefined> {
    const received = await this.raw.nextFrame();
    const code = closeOf(received)?.code;
    await this.raw.sendFrame(OPCODE.close, received.payload);
    await this.raw.ended();
    return code;
  }
}

/** A TCP connection that is dropped after the test. */
export async function connectRaw(
  t: TestContext,
  port: number,
  options?: { allowHalfOpen?: boolean },
): Promise<RawClient> {
  const raw = await RawClient.connect(port, options);
  undoAfter(t, () => {
    raw.destroy();
    return raw.closed();
  });
  return raw;
}
