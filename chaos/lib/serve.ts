/** `serve.ts KIND FOLDER`: a server as a program; `plant.ts` looks after its bug. Says `ready PORT`, then `say CLIENT NUMBER` for all that it takes; ends by SIGTERM, with `--drain` when its clients have left. */
import { serverOf } from "../servers.ts";
import { readArguments } from "./serve-arguments.ts";
import { tell } from "./tell.ts";

const { kind, folder, drain } = readArguments();
const serving = await serverOf(kind).serve(
  {
    onSay: (client, number) => tell(`say ${client} ${number}`),
    onTwice: (id) => tell(`twice ${id}`),
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
tell(`ready ${serving.port}`);
