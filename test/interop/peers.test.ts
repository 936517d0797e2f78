import { describe, it } from "node:test";
import { PEERS } from "./peers/peers.ts";

describe("peers in other languages that are installed", { concurrency: 2 }, () => {
  for (const { name, packages, isThere, run } of PEERS) {
    if (isThere()) it(name, async () => void (await run()));
    else {
      const advice = `${name} is not installed: npm run interop gets ${packages.join(", ")}`;
      it(advice, (t) => t.diagnostic(advice));
    }
  }
});
