import { existsSync } from "node:fs";
import { visitServer, withOurServer } from "./exchange.ts";
import { visitSockets, withOurSockets } from "./exchange-events.ts";
import { visitEngine, withOurEngine } from "./exchange-sessions.ts";
import { beside, runToEnd, succeeds, withServer } from "./process.ts";

/** A peer, and how to get it. */
export interface Peer {
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

/** It needs aiohttp for whatever it does. */
const ENGINEIO = ["python3-engineio", "python3-aiohttp"];

function hasEngineio(): boolean {
  return succeeds(PYTHON, ["-c", "import engineio, aiohttp"]);
}

const SOCKETIO = ["python3-socketio", "python3-aiohttp"];

function hasSocketio(): boolean {
  return succeeds(PYTHON, ["-c", "import socketio, aiohttp"]);
}

/** All of them; see run.ts. */
export const PEERS: readonly Peer[] = [
  ...pythonPeers("websockets"),
  // Its server answers every close with 1000.
  ...pythonPeers("aiohttp", { closeAnswer: 1000 }),
  {
    name: "Python engineio, client",
    packages: ENGINEIO,
    isThere: hasEngineio,
    run: () =>
      withOurEngine(async (url) => void (await runToEnd(PYTHON, [beside("engineio_client.py"), url]))),
  },
  {
    name: "Python engineio, server",
    packages: ENGINEIO,
    isThere: hasEngineio,
    run: () => withServer(PYTHON, [beside("engineio_server.py")], visitEngine),
  },
  {
    name: "Python socketio, client",
    packages: SOCKETIO,
    isThere: hasSocketio,
    run: () =>
      withOurSockets(async (url) => void (await runToEnd(PYTHON, [beside("socketio_client.py"), url]))),
  },
  {
    name: "Python socketio, server",
    packages: SOCKETIO,
    isThere: hasSocketio,
    run: () => withServer(PYTHON, [beside("socketio_server.py")], visitSockets),
  },
  {
    name: "Java java.net.http, client",
    packages: ["default-jdk-headless"],
    // A program in one source file needs the compiler, which a runtime alone does not bring.
    isThere: () => succeeds("javac", ["-version"]) && succeeds("java", ["-version"]),
    run: () => withOurServer(async (url) => void (await runToEnd("java", [beside("JavaClient.java"), url]))),
  },
];
