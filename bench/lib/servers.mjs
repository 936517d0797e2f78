/** Who is measured: how each server is started. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bench } from "./paths.mjs";

/**
 * @typedef {object} ServerKind
 * @property {string} title its column's head
 * @property {(node: string) => string[]} command
 * @property {boolean} [isOurs] whether the bars are for it
 * @property {boolean} [isRaw] whether it speaks plain TCP
 */

/** @type {Record<string, ServerKind>} */
export const servers = {
  raw: { title: "raw net", command: (node) => [node, "servers/raw.mjs"], isRaw: true },
  ours: { title: "ours", command: (node) => [node, "servers/ours.mjs"], isOurs: true },
  prepared: {
    title: "ours, prepared",
    command: (node) => [node, "servers/ours.mjs", "--prepared"],
    isOurs: true,
  },
  ws: { title: "ws", command: (node) => [node, "servers/ws.mjs"] },
  bun: { title: "Bun", command: () => [bunPath(), "servers/bun.ts"] },
  http: { title: "raw node:http", command: (node) => [node, "servers/engine-floor.mjs"] },
  engine: { title: "ours", command: (node) => [node, "servers/engine-ours.mjs"], isOurs: true },
  engineio: { title: "engine.io", command: (node) => [node, "servers/engine-reference.mjs"] },
  sockets: { title: "ours", command: (node) => [node, "servers/sockets-ours.mjs"], isOurs: true },
  memory: {
    title: "log in memory",
    command: (node) => [node, "servers/sockets-ours.mjs", "--delivery", "memory"],
    isOurs: true,
  },
  disk: {
    title: "log on disk",
    command: (node) => [node, "servers/sockets-ours.mjs", "--delivery", "disk"],
  },
  socketio: { title: "socket.io", command: (node) => [node, "servers/sockets-reference.mjs"] },
};

/**
 * Another build of Switchboard beside this one (`--against`), for comparing before and after.
 * @param {string} server which of servers/ starts it
 * @param {string} folder
 * @returns {ServerKind}
 */
export function anotherBuild(server, folder) {
  return {
    title: "other build",
    command: (node) => [node, `servers/${server}.mjs`, "--package", resolve(folder)],
  };
}

/**
 * A peer and its version, as the lockfile has it.
 * @param {string} name
 */
export function peerVersion(name) {
  const { packages } = JSON.parse(readFileSync(join(bench, "package-lock.json"), "utf8"));
  return `${name === "bun" ? "Bun" : name} ${packages[`node_modules/${name}`].version}`;
}

/** Bun's program, from the package for this platform: what the package `bun` has is put there by a script at install. */
function bunPath() {
  const folder = join(bench, "node_modules/@oven");
  const path = readdirSync(folder)
    .map((name) => join(folder, name, "bin/bun"))
    .find((file) => existsSync(file));
  if (path === undefined) throw new Error("There is no Bun for this platform.");
  return path;
}
