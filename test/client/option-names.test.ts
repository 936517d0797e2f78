import assert from "node:assert/strict";
import { test } from "node:test";
import * as all from "../../src/client/node.ts";
import * as webSocketOnly from "../../src/client/websocket-only-node.ts";
import { RecordingLogger } from "../support/recording-logger.ts";

const URL_OF_NOBODY = "http://localhost:3000";

for (const [entry, { io, Manager }] of Object.entries({ all, webSocketOnly })) {
  const warned = (connect: (logger: RecordingLogger) => unknown): unknown[] => {
    const logger = new RecordingLogger();
    connect(logger);
    return logger.take().map(({ level, message }) => [level, message]);
  };
  const warning = (name: string): string[] => ["warn", `The option "${name}" is not known, and passed over.`];

  test(`${entry}: an option that nobody knows is warned of once, wherever it is given`, () => {
    const typo = { reconnetion: false, autoConnect: false };
    for (const connect of [
      (logger: RecordingLogger) => io(URL_OF_NOBODY, { ...typo, forceNew: true, logger }),
      (logger: RecordingLogger) => new Manager(URL_OF_NOBODY, { ...typo, logger }),
      (logger: RecordingLogger) =>
        new Manager(URL_OF_NOBODY, { autoConnect: false, logger }).socket("/", { ...typo }),
    ]) {
      assert.deepEqual(warned(connect), [warning("reconnetion")]);
    }
  });

  test(`${entry}: also for a namespace on a connection that is there`, () => {
    const lines = warned((logger) => {
      const options = { autoConnect: false, logger };
      const { io: manager } = io(URL_OF_NOBODY, { ...options, forceNew: true });
      manager.socket("/admin", { autoConnect: false, ...{ atuh: {} } });
    });
    assert.deepEqual(lines, [warning("atuh")]);
  });

  test(`${entry}: names that are known, and what is undefined, are not warned of`, () => {
    const options = { auth: {}, retries: 1, timeout: 5, multiplex: false, ...{ parser: undefined } };
    const connect = (logger: RecordingLogger): unknown =>
      io(URL_OF_NOBODY, { ...options, autoConnect: false, logger });
    assert.deepEqual(warned(connect), []);
  });
}
