/** SQLite in a thread of its own: it is told what to keep, and says when it is kept. */
import { parentPort, workerData } from "node:worker_threads";
import { openSqlite } from "./sqlite.mjs";

const { folder, libsql } = workerData;
const { default: Database } = await import(libsql);
const commit = openSqlite(Database, folder);
parentPort?.on("message", ([first, records]) => {
  commit(first, records);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
  parentPort?.postMessage("kept");
});
