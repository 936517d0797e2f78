import { createHash } from "node:crypto";
import type { ByteStream } from "./stream.ts";

/** The start of an HTTP/1.1 message: its first line and its fields, names in lower case, in order. */
export interface Head {
  line: string;
  fields: [name: string, value: string][];
}

export interface Answer extends Head {
  status: number;
  body: string;
}

/** Another 16-byte key than the RFC's sample, so that a server cannot know the accept value by heart. */
export const USUAL_KEY = "qZk+NB3uLZJ8zYk3y6zBtA==";

export function acceptValue(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

export function parseHead(bytes: Buffer): Head {
  const [line = "", ...rest] = bytes.toString("latin1").trimEnd().split("\r\n");
  const fields = rest.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  });
  return { line, fields };
}

/** Every value of a field, joined as one list; undefined if the field is absent. */
export function field(head: Head, name: string): string | undefined {
  const values = head.fields.filter(([other]) => other === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/** Whether a comma-separated field has this token, whatever its case. */
export function hasToken(head: Head, name: string, token: string): boolean {
  return (field(head, name) ?? "").split(",").some((part) => part.trim().toLowerCase() === token);
}

/** A complete HTTP answer, or in words what is missing from it. `headOnly`: the request was a HEAD. */
export async function readAnswer(stream: ByteStream, headOnly = false): Promise<Answer | string> {
  const bytes = await stream.readThrough("\r\n\r\n");
  if (!bytes) return "the stream ended without an HTTP answer";
  const head = parseHead(bytes);
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(head.line)?.[1]);
  if (!status) return `the line "${head.line.slice(0, 60)}" where an HTTP status belongs`;
  if (status === 101 || headOnly) return { ...head, status, body: "" };
  const body = await readBody(stream, head);
  return body === undefined ? `an HTTP ${status} answer whose body breaks off` : { ...head, status, body };
}

async function readBody(stream: ByteStream, head: Head): Promise<string | undefined> {
  if (hasToken(head, "transfer-encoding", "chunked")) return readChunked(stream);
  const length = field(head, "content-length");
  const body = length === undefined ? await stream.readToEnd() : await stream.readExactly(Number(length));
  return body?.toString();
}

async function readChunked(stream: ByteStream): Promise<string | undefined> {
  let body = "";
  for (;;) {
    const size = await stream.readThrough("\r\n");
    const chunk = size && (await stream.readExactly(Number.parseInt(size.toString(), 16) + 2));
    if (!chunk) return undefined;
    if (chunk.length === 2) return body;
    body += chunk.subarray(0, -2).toString();
  }
}
