/**
 * `npm run interop`: WebSocket peers in other languages against ours, both ways. Installs them with apt-get where it may, prints what
 * ran, and fails if a peer that is there fails, or if none is.
 */
import { existsSync } from "node:fs";
import { visitServer, withOurServer } from "./exchange.ts";
import { beside, runToEnd, say, succeeds, withServer } from "./process.ts";

/** A peer, and how to get it. */
interface Peer {
  readonly name: string;
  /** The distribution's packages that bring it. */
  readonly packages: readonly string[];
  isThere(): boolean;
  run(): Promise<unknown>;
}

/** The distribution's own, whose modules apt-get installs; there may be another one first in the path. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

function pythonPeers(module: string, answers: { closeAnswer?: number } = {}): Peer[] {
  const isThere = (): boolean => succeeds(PYTHON, ["-c", `import ${module}`]);
  const packages = [`python3-${module}`];
  return [
    {
      name: `Python ${module}, client`,
      packages,
      isThere,
      run: () =>
        withOurServer(async (url) => void (await runToEnd(PYTHON, [beside(`${module}_client.py`), url]))),
    },
    {
      name: `Python ${module}, server`,
      packages,
      isThere,
      run: () => withServer(PYTHON, [beside(`${module}_server.py`)], (port) => visitServer(port, answers)),
    },
  ];
}

const PEERS: readonly Peer[] = [
  ...pythonPeers("websockets"),
  // Its server answers every close with 1000.
  ...pythonPeers("aiohttp", { closeAnswer: 1000 }),
  {
    name: "Java java.net.http, client",
    packages: ["default-jdk-headless"],
    // A program in one source file needs the compiler, which a runtime alone does not bring.
    isThere: () => succeeds("javac", ["-version"]) && succeeds("java", ["-version"]),
    run: () => withOurServer(async (url) => void (await runToEnd("java", [beside("JavaClient.java"), url]))),
  },
];

async function install(packages: readonly string[]): Promise<void> {
  if (packages.length === 0 || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return;
  say(`apt-get install ${packages.join(" ")}`);
  const wait = "-oDPkg::Lock::Timeout=300";
  const apt = (...args: string[]): Promise<string> =>
    runToEnd("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", wait, ...args]);
  try {
    await apt("update");
    await apt("install", "--yes", "--no-install-recommends", ...packages);
  } catch (error) {
    say(String(error));
  }
}

const missing = PEERS.filter((peer) => !peer.isThere()).flatMap(({ packages }) => packages);
await install([...new Set(missing)]);

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
