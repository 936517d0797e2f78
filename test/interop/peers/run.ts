/**
 * `npm run interop`: peers in other languages against ours, both ways. Installs them with apt-get where it may, prints what
 * ran, and fails if a peer that is there fails, or if none is.
 */
import { canInstall, installWithApt } from "../../../scripts/lib/apt.mjs";
import { PEERS } from "./peers.ts";
import { say } from "./process.ts";

const missing = PEERS.filter((peer) => !peer.isThere()).flatMap(({ packages }) => packages);
if (missing.length > 0 && canInstall()) {
  const packages = [...new Set(missing)];
  say(`apt-get install ${packages.join(" ")}`);
  await installWithApt(packages).catch((error: unknown) => say(String(error)));
}

let ran = 0;
for (const peer of PEERS) {
  const { name, packages } = peer;
  const label = name.padEnd(30);
  if (!peer.isThere()) {
    say(`${label} not here: install ${packages.join(", ")}`);
    continue;
  }
  const startMs = performance.now();
  try {
    await peer.run();
    ran += 1;
    say(`${label} passed (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);
  } catch (error) {
    process.exitCode = 1;
    say(`${label} FAILED: ${error instanceof Error ? error.message : String(error)}`);
  }
}
if (ran === 0) process.exitCode = 1;
