/** `serve.ts KIND FOLDER`: a server as a program; `plant.ts` looks after its bug. Says `loaded` and waits for its place, then `ready PORT`, then `say CLIENT NUMBER` for all that it takes; ends by SIGTERM, with `--drain` when its clients have left. */
import { serverOf } from "../servers.ts";
import { readArguments } from "./serve-arguments.ts";
import { tell } from "./tell.ts";

const { kind: name, folder, port, drain } = readArguments();
const kind = serverOf(name);
await kind.load?.();
tell("loaded");
const serving = await kind.serve(
  {
    onSay: (client, number) => tell(`say ${client} ${number}`),
    onTwice: (id) => tell(`twice ${id}`),
  },
  { folder, port },
);

function end(): Promise<void> {
  if (drain === undefined) return serving.close();
  if (serving.drain === undefined) throw new Error(`${name} can't be drained.`);
  return serving.drain(drain);
}

process.once("SIGTERM", () => {
  void end().then(() => process.exit(0));
});
tell(`ready ${serving.port}`);
