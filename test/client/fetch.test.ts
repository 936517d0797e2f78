import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type FetchResponse, MAX_ANSWER_BYTES, readAnswer } from "../../src/client/fetch.ts";
import { PacketError } from "../../src/packets/index.ts";

const TEXT = "4hällo €😀";
const bytes = new TextEncoder().encode(TEXT);

/** An answer whose body comes in these pieces. */
function inPieces(pieces: readonly Uint8Array[], headers: Record<string, string> = {}): FetchResponse {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  return new Response(body, { headers });
}

function oneByOne(all: Uint8Array): Uint8Array[] {
  return Array.from(all, (byte) => Uint8Array.of(byte));
}

describe("an answer is read", () => {
  test("whole, byte by byte, and where there are no streams", async () => {
    const text = (): Promise<string> => Promise.resolve(TEXT);
    for (const response of [
      inPieces([bytes]),
      inPieces(oneByOne(bytes)),
      { status: 200, text, body: null },
      // What React Native has.
      { status: 200, text } as unknown as FetchResponse,
    ]) {
      assert.equal(await readAnswer(response), TEXT);
    }
    assert.equal(await readAnswer(inPieces([])), "");
    assert.equal(await readAnswer(new Response(null)), "");
  });

  test("as `text` would read it: without a byte order mark, and with what is not UTF-8 replaced", async () => {
    for (const odd of [
      [0xef, 0xbb, 0xbf, 0x34],
      [0x34, 0xff, 0xe2, 0x82],
    ]) {
      const expected = await new Response(Uint8Array.from(odd)).text();
      assert.equal(await readAnswer(inPieces(oneByOne(Uint8Array.from(odd)))), expected);
    }
  });
});

describe("an answer that is too long", () => {
  const tooLong = (limit: number) => new PacketError(`An answer is longer than ${limit} bytes.`);

  test("is refused as soon as it is, counted in bytes", async () => {
    for (const pieces of [[bytes], oneByOne(bytes)]) {
      assert.equal(await readAnswer(inPieces(pieces), bytes.length), TEXT);
      await assert.rejects(readAnswer(inPieces(pieces), bytes.length - 1), tooLong(bytes.length - 1));
    }
    let reads = 0;
    const read = (): Promise<{ done: boolean; value: Uint8Array }> => {
      reads += 1;
      return Promise.resolve({ done: false, value: bytes });
    };
    const endless = { status: 200, text: () => assert.fail(), body: { getReader: () => ({ read }) } };
    await assert.rejects(readAnswer(endless, 10 * bytes.length), PacketError);
    assert.equal(reads, 11);
  });

  test("is not even begun if it says so", async () => {
    const said = (length: number): FetchResponse => ({
      status: 200,
      headers: new Headers({ "Content-Length": String(length) }),
      text: () => Promise.resolve(TEXT),
      body: null,
    });
    assert.equal(await readAnswer(said(MAX_ANSWER_BYTES)), TEXT);
    await assert.rejects(readAnswer(said(MAX_ANSWER_BYTES + 1)), tooLong(MAX_ANSWER_BYTES));
  });
});
