/** `serve.ts KIND FOLDER`: a server as a program; `plant.ts` looks after its bug. Says `ready PORT`, then `say CLIENT NUMBER` for all that it takes; ends by SIGTERM, with `--drain` when its clients have left. */
import { writeSync } from "node:fs";
import { serverOf } from "../servers.ts";
import { readArguments } from "./serve-arguments.ts";

/** How long it waits for the reader, when that is behind. */
const PAUSE_MS = 1;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Written at once, before anything else is done: what was taken must be known even if the next thing is `kill -9`. */
function say(line: string): void {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
}

const { kind, folder, drain } = readArguments();
const serving = await serverOf(kind).serve(
  {
    onSay: (client, number) => say(`say ${client} ${number}`),
    onTwice: (id) => say(`twice ${id}`),
  },
  folder,
);

function end(): Promise<void> {
  if (drain === undefined) return serving.close();
  if (serving.drain === undefined) throw new Error(`${kind} can't be drained.`);
  return serving.drain(drain);
}

process.once("SIGTERM", () => {
  void end().then(() => process.exit(0));
});
say(`ready ${serving.port}`);
