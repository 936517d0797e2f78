/** Who comes from Socket.IO looks for its names: each is here, or the guide says what is in its place. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Socket as StockConnection } from "engine.io";
import { Server as StockServer, Socket as StockSocket } from "socket.io";
import { Manager as StockManager } from "socket.io-client";
import { Server, Socket } from "../../src/index.ts";
import { Connection } from "../../src/sockets/connection.ts";
import { Manager } from "../../src/client/node.ts";

const guide = await readFile(new URL("../../docs/guide/from-socket.io.md", import.meta.url), "utf8");

/** What those classes keep for themselves, and only their types call private. */
const PRIVATE = new Set(
  [
    "parentNsps parentNamespacesFromRegExp opts eio extractFilename initEngine attachServe serve onconnection",
    "emitReserved emitUntyped run nsps subs setTimeoutFn clearTimeoutFn backoff uri encoder decoder skipReconnect",
    "maybeReconnectOnOpen onopen onping ondata ondecoded onerror cleanup onclose reconnect onreconnect emit",
    "ids acks flags packet onpacket onevent emitEvent ack onack onconnect emitBuffered ondisconnect destroy",
    "subEvents notifyOutgoingListeners constructor exceptRooms createChild",
    "buildHandshake registerAckCallback leaveAll newBroadcastOperator",
    "onOpen onPacket onError onDrain schedulePing resetPingTimeout setTransport clearTransport closeTransport sendPacket getAvailableUpgrades",
  ].flatMap((names) => names.split(" ")),
);

function namesOf(object: object): Set<string> {
  const names = new Set<string>();
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return names;
}

function missing(theirs: object, ours: object): string[] {
  return [...namesOf(theirs)].filter(
    (name) =>
      !(name in ours) &&
      !name.startsWith("_") &&
      !PRIVATE.has(name) &&
      !new RegExp(`\`[^\`|]*\\b${name}\\b[^\`]*\``).test(guide),
  );
}

test("the names of Socket.IO's server and client are here, or in the guide", () => {
  const [theirs, ours] = [new StockServer(), new Server()];
  const address = "http://127.0.0.1:1";
  const [theirManager, ourManager] = [StockManager, Manager].map(
    (Class) => new Class(address, { autoConnect: false }),
  ) as [StockManager, Manager];
  const pairs: [name: string, theirs: object, ours: object][] = [
    ["Server", theirs, ours],
    ["Namespace", theirs.of("/n"), ours.of("/n")],
    ["Socket", StockSocket.prototype, Socket.prototype],
    ["socket.conn", StockConnection.prototype, Connection.prototype],
    ["ParentNamespace", theirs.of(/x/), ours.of(/x/)],
    ["BroadcastOperator", theirs.to("room"), ours.to("room")],
    ["Manager", theirManager, ourManager],
    ["the client's Socket", theirManager.socket("/"), ourManager.socket("/", { autoConnect: false })],
  ];
  for (const [name, one, other] of pairs) assert.deepEqual(missing(one, other), [], name);
});
