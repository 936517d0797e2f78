/** SQLite as durable as it gets with a journal: each commit is synced. */
import { join } from "node:path";

/**
 * @param {new (path: string) => any} Database what `libsql` exports
 * @param {string} folder
 * @returns {(first: number, records: readonly Uint8Array[]) => void} keeps them; they are on disk when it returns
 */
export function openSqlite(Database, folder) {
  const database = new Database(join(folder, "database"));
  database.exec("PRAGMA journal_mode=WAL");
  database.exec("PRAGMA synchronous=FULL");
  database.exec("CREATE TABLE entries (place INTEGER PRIMARY KEY, value BLOB)");
  const insert = database.prepare("INSERT INTO entries VALUES (?, ?)");
  return (first, records) => {
    database.exec("BEGIN");
    for (const [index, value] of records.entries()) insert.run(first + index, Buffer.from(value));
    database.exec("COMMIT");
  };
}
