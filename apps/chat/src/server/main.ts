import { startChat, type ChatAddress, type RunningChat } from "./start.ts";

const DEFAULT_PORT = 3000;

/** A peer that does not answer the close handshake must not hold the process longer than this. */
const CLOSE_LIMIT_MS = 1_500;

/**
 * The program: reads `PORT` and `HOST` (default http://localhost:3000), starts the chat and prints its
 * address. Ctrl-C and SIGTERM close every connection with 1001 and exit 0 within two seconds.
 * What keeps it from starting is told in one sentence, with exit code 1.
 */
export async function main(environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const address = readAddress(environment);
  if (typeof address === "string") return giveUp(address);
  let chat: RunningChat;
  try {
    chat = await startChat(address);
  } catch (error) {
    return giveUp(explain(error, address));
  }
  process.once("SIGINT", () => void stop(chat));
  process.once("SIGTERM", () => void stop(chat));
  console.log(`The chat is at ${chat.url} (Ctrl-C stops it).`);
}

async function stop(chat: RunningChat): Promise<void> {
  setTimeout(() => process.exit(0), CLOSE_LIMIT_MS).unref();
  await chat.close();
  process.exit(0);
}

function readAddress({ PORT, HOST }: NodeJS.ProcessEnv): ChatAddress | string {
  const port = PORT === undefined || PORT === "" ? DEFAULT_PORT : Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return `PORT must be a whole number from 0 to 65535, not "${PORT}".`;
  }
  return { port, host: HOST === undefined || HOST === "" ? "localhost" : HOST };
}

function explain(error: unknown, { port, host }: ChatAddress): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return `Port ${port} is already in use: stop the program that has it, or choose another with PORT=${port + 1} npm start.`;
    case "EACCES":
      return `Port ${port} needs more rights than this user has: choose one above 1023, such as PORT=3000 npm start.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `HOST "${host}" is not an address of this machine: leave HOST out for localhost, or use 0.0.0.0 for all.`;
    default:
      return `The chat could not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function giveUp(sentence: string): void {
  console.error(sentence);
  process.exitCode = 1;
}
