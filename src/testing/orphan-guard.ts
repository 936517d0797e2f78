import { spawn } from "node:child_process";

/**
 * Waits for a line from us, which says that the group has ended; without one the pipe breaks when we do, however that comes, and the group is ended.
 * The shell costs about a megabyte, and no time.
 */
const SCRIPT = 'read -r line || kill -s KILL -- "-$0" 2>/dev/null';

/** Sees to it that a group of processes ends when this process does, also by `kill -9`. Returns how to call it off. */
export function guardOrphans(group: number): () => void {
  // Detached, so that what ends us by a signal to our group does not end it first.
  const guard = spawn("/bin/sh", ["-c", SCRIPT, String(group)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // Nobody may be kept by it; a machine without this shell has no guard.
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  guard.unref();
  (guard.stdin as unknown as { unref?(): void }).unref?.();
  return () => void guard.stdin.end("ended\n");
}
