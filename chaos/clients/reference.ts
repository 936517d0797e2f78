import { ReferenceClient } from "../lib/reference-client.ts";
import type { ClientKind, LabClient } from "../lib/target.ts";

/** How often one that moves does it, in milliseconds. */
const MOVE_EVERY = { least: 500, most: 3000 };

/** A client written from the protocol's page alone. */
export const reference: ClientKind = {
  name: "reference",
  connect(url, who, sink) {
    const client = new ReferenceClient(url, who, {
      onEvent(name, args) {
        if (name === "said" || name === "newest") sink.onSaid(Number(args[0]), Number(args[1]));
        else if (name === "heard") sink.onHeard(Number(args[0]));
      },
      onAck: () => sink.onAck(),
      onLive: (isLive) => sink.onLive(isLive),
      onGap: () => sink.onGap(),
    });
    return {
      say: (number) => void client.emit("say", number),
      close: () => client.close(),
      move: () => client.move(),
    } as LabClient;
  },
};

/** The same on a device that changes its network again and again: the server holds the session before for alive. */
export const movingReference: ClientKind = {
  name: "reference-moving",
  connect(url, who, sink) {
    const client = reference.connect(url, who, sink) as LabClient & { move(): void };
    let timer: ReturnType<typeof setTimeout>;
    const moveLater = (): void => {
      const { least, most } = MOVE_EVERY;
      timer = setTimeout(
        () => {
          client.move();
          moveLater();
        },
        least + Math.random() * (most - least),
      );
    };
    moveLater();
    return {
      say: (number) => client.say(number),
      calm: () => clearTimeout(timer),
      close() {
        clearTimeout(timer);
        client.close();
      },
    };
  },
};
