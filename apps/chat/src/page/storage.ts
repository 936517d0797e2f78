import { cleanName } from "../shared/text.ts";
import { newKey } from "./keys.ts";

const NAME = "switchboard-chat:name";
const SESSION = "switchboard-chat:session";

/** The name from last time; what is stored may be anything, so it is checked like typed input. */
export function loadName(): string | undefined {
  return cleanName(read(NAME));
}

export function saveName(name: string): void {
  write(NAME, name);
}

/** The key by which all tabs of this browser are one person. */
export function loadSession(): string {
  const known = read(SESSION);
  if (known !== null && /^[\w-]{16,64}$/u.test(known)) return known;
  const session = newKey();
  write(SESSION, session);
  return session;
}

/** A browser may forbid storage altogether: then everything lasts as long as the page. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Not remembered, then.
  }
}
