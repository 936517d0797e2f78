import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { EngineClient } from "./engine-client.ts";
import type { RunningServer } from "./fixture.ts";

/**
 * Keeps a client chatting, one answered message after the other, while something else goes on; whatever that is, the
 * client must not notice.
 */
export async function whileChatting(
  t: TestContext,
  { io, port }: RunningServer,
  somethingElse: () => Promise<void>,
): Promise<void> {
  io.on("connection", (socket) => {
    socket.on("chat", (number: number, ack: (same: number) => void) => ack(number));
  });
  const chatter = await EngineClient.join(t, port);
  let count = 0;
  const chat = async (): Promise<void> => {
    count += 1;
    await chatter.send(`42${count}["chat",${count}]`);
    assert.equal(await chatter.next(), `43${count}[${count}]`);
  };
  let isOver = false;
  const chatting = (async () => {
    while (!isOver) await chat();
  })();
  try {
    await somethingElse();
  } finally {
    isOver = true;
    await chatting;
  }
  await chat();
  assert.ok(count >= 2);
  // And whoever comes now is served as well.
  await EngineClient.join(t, port);
}
