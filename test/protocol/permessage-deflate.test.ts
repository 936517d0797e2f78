import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HandshakeError } from "../../src/protocol/errors.ts";
import { parseExtensions } from "../../src/protocol/extensions.ts";
import {
  acceptDeflate,
  checkDeflateAnswer,
  type DeflateParameters,
  type DeflateWishes,
  offerDeflate,
} from "../../src/protocol/permessage-deflate.ts";

const PMD = "permessage-deflate";

/** `server bits/client bits`, with `!` where there is no context takeover. */
function brief(parameters: DeflateParameters | undefined): string | undefined {
  if (parameters === undefined) return undefined;
  const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } =
    parameters;
  const server = `${serverMaxWindowBits}${serverNoContextTakeover ? "!" : ""}`;
  const client = `${clientMaxWindowBits}${clientNoContextTakeover ? "!" : ""}`;
  return `${server}/${client}`;
}

describe("an offer says what is wanted", () => {
  const OFFERS: [DeflateWishes, string][] = [
    [{}, `${PMD}; client_max_window_bits`],
    [{ clientMaxWindowBits: true }, `${PMD}; client_max_window_bits`],
    [{ clientMaxWindowBits: 10 }, `${PMD}; client_max_window_bits=10`],
    [{ serverMaxWindowBits: 9 }, `${PMD}; server_max_window_bits=9; client_max_window_bits`],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      `${PMD}; server_no_context_takeover; client_no_context_takeover; client_max_window_bits`,
    ],
    [
      { serverNoContextTakeover: false, clientNoContextTakeover: undefined },
      `${PMD}; client_max_window_bits`,
    ],
  ];
  for (const [wishes, offer] of OFFERS) {
    test(JSON.stringify(wishes), () => assert.equal(offerDeflate(wishes), offer));
  }
});

describe("a server chooses", () => {
  const CASES: [offer: string, wishes: DeflateWishes, answer: string | undefined, agreed?: string][] = [
    [PMD, {}, PMD, "15/15"],
    [`${PMD}; client_max_window_bits`, {}, PMD, "15/15"],
    // RFC 7692 §7.1.2.2: only a client that names the parameter may be told a size.
    [PMD, { clientMaxWindowBits: 10 }, undefined],
    [
      `${PMD}; client_max_window_bits`,
      { clientMaxWindowBits: 10 },
      `${PMD}; client_max_window_bits=10`,
      "15/10",
    ],
    [
      `${PMD}; client_max_window_bits=9`,
      { clientMaxWindowBits: 10 },
      `${PMD}; client_max_window_bits=9`,
      "15/9",
    ],
    [`${PMD}; client_max_window_bits=12`, {}, `${PMD}; client_max_window_bits=12`, "15/12"],
    [`${PMD}; client_max_window_bits=8`, {}, `${PMD}; client_max_window_bits=8`, "15/8"],
    [`${PMD}; server_max_window_bits=10`, {}, `${PMD}; server_max_window_bits=10`, "10/15"],
    [`${PMD}; server_max_window_bits=15`, {}, `${PMD}; server_max_window_bits=15`, "15/15"],
    [
      `${PMD}; server_max_window_bits=12`,
      { serverMaxWindowBits: 10 },
      `${PMD}; server_max_window_bits=10`,
      "10/15",
    ],
    [PMD, { serverMaxWindowBits: 10 }, `${PMD}; server_max_window_bits=10`, "10/15"],
    // zlib can't do it.
    [`${PMD}; server_max_window_bits=8`, {}, undefined],
    [`${PMD}; server_no_context_takeover`, {}, `${PMD}; server_no_context_takeover`, "15!/15"],
    [PMD, { serverNoContextTakeover: true }, `${PMD}; server_no_context_takeover`, "15!/15"],
    [`${PMD}; client_no_context_takeover`, {}, `${PMD}; client_no_context_takeover`, "15/15!"],
    [PMD, { clientNoContextTakeover: true }, `${PMD}; client_no_context_takeover`, "15/15!"],
    // Declined, and the next one taken.
    [
      `${PMD}; server_max_window_bits=8, ${PMD}; server_max_window_bits=9`,
      {},
      `${PMD}; server_max_window_bits=9`,
      "9/15",
    ],
    [`${PMD}; unknown, x-other, ${PMD}`, {}, PMD, "15/15"],
    [
      `${PMD}; client_max_window_bits=11, ${PMD}; client_max_window_bits=9`,
      {},
      `${PMD}; client_max_window_bits=11`,
      "15/11",
    ],
    ["x-webkit-deflate-frame", {}, undefined],
    ["Permessage-Deflate", {}, undefined],
  ];
  for (const [offer, wishes, answer, agreed] of CASES) {
    test(`${offer} ${JSON.stringify(wishes)}`, () => {
      const accepted = acceptDeflate(parseExtensions(offer), wishes);
      assert.equal(accepted?.answer, answer);
      assert.equal(brief(accepted?.parameters), agreed);
    });
  }

  test("nothing of nothing", () => assert.equal(acceptDeflate([], {}), undefined));

  for (const parameters of [
    "server_max_window_bits",
    "server_max_window_bits=7",
    "server_max_window_bits=16",
    "server_max_window_bits=010",
    "server_max_window_bits=1e1",
    "server_max_window_bits=+9",
    "server_max_window_bits=10; server_max_window_bits=10",
    "client_max_window_bits=7",
    "client_max_window_bits=16",
    "client_max_window_bits=09",
    "client_max_window_bits; client_max_window_bits",
    "server_no_context_takeover=1",
    "server_no_context_takeover=true",
    "client_no_context_takeover=1",
    "server_no_context_takeover; server_no_context_takeover",
    "foo",
    "foo=1",
    "__proto__",
    "constructor",
    "Server_No_Context_Takeover",
  ]) {
    test(`an offer with an invalid parameter is declined: ${parameters}`, () => {
      assert.equal(acceptDeflate(parseExtensions(`${PMD}; ${parameters}`), {}), undefined);
    });
  }
});

describe("a client checks the answer", () => {
  const GOOD: [wishes: DeflateWishes, answer: string, agreed: string][] = [
    [{}, PMD, "15/15"],
    [{}, `${PMD}; server_max_window_bits=8`, "8/15"],
    [{}, `${PMD}; client_max_window_bits=8`, "15/8"],
    [{}, `${PMD}; server_no_context_takeover; client_no_context_takeover`, "15!/15!"],
    [{ clientNoContextTakeover: true }, PMD, "15/15!"],
    [{ clientMaxWindowBits: 10 }, PMD, "15/10"],
    [{ clientMaxWindowBits: 10 }, `${PMD}; client_max_window_bits=10`, "15/10"],
    [{ clientMaxWindowBits: 10 }, `${PMD}; client_max_window_bits=9`, "15/9"],
    [{ serverMaxWindowBits: 10 }, `${PMD}; server_max_window_bits=10`, "10/15"],
    [{ serverMaxWindowBits: 10 }, `${PMD}; server_max_window_bits=9`, "9/15"],
    [{ serverNoContextTakeover: true }, `${PMD}; server_no_context_takeover`, "15!/15"],
  ];
  for (const [wishes, answer, agreed] of GOOD) {
    test(`and takes ${answer} for ${JSON.stringify(wishes)}`, () => {
      assert.equal(brief(checkDeflateAnswer(parseExtensions(answer), wishes)), agreed);
    });
  }

  const BAD: [wishes: DeflateWishes, answer: string][] = [
    [{}, "x-other"],
    [{}, `${PMD}, ${PMD}`],
    [{}, `${PMD}, x-other`],
    [{}, `x-other, ${PMD}`],
    [{}, `${PMD}; client_max_window_bits`],
    [{}, `${PMD}; server_max_window_bits`],
    [{}, `${PMD}; server_max_window_bits=16`],
    [{}, `${PMD}; unknown`],
    [{}, `${PMD}; server_no_context_takeover; server_no_context_takeover`],
    [{ serverMaxWindowBits: 10 }, PMD],
    [{ serverMaxWindowBits: 10 }, `${PMD}; server_max_window_bits=11`],
    [{ clientMaxWindowBits: 10 }, `${PMD}; client_max_window_bits=11`],
    [{ serverNoContextTakeover: true }, PMD],
  ];
  for (const [wishes, answer] of BAD) {
    test(`and fails on ${answer} for ${JSON.stringify(wishes)}`, () => {
      assert.throws(
        () => checkDeflateAnswer(parseExtensions(answer), wishes),
        (error) => error instanceof HandshakeError && error.code === "WS_ERR_HANDSHAKE_RESPONSE",
      );
    });
  }

  test("and fails on no extension at all", () => {
    assert.throws(() => checkDeflateAnswer([], {}), HandshakeError);
  });
});

test("whatever a client wants and a server wants, both sides agree on the same", () => {
  const bits = [undefined, 9, 12, 15] as const;
  const flags = [undefined, true] as const;
  const all = bits.flatMap((serverMaxWindowBits) =>
    [...bits, true as const].flatMap((clientMaxWindowBits) =>
      flags.flatMap((serverNoContextTakeover) =>
        flags.map((clientNoContextTakeover) => ({
          serverMaxWindowBits,
          clientMaxWindowBits,
          serverNoContextTakeover,
          clientNoContextTakeover,
        })),
      ),
    ),
  );
  for (const client of all) {
    const offers = parseExtensions(offerDeflate(client));
    for (const server of all) {
      const accepted = acceptDeflate(offers, server);
      assert.ok(accepted !== undefined);
      const agreed = checkDeflateAnswer(parseExtensions(accepted.answer), client);
      assert.deepEqual(agreed, accepted.parameters, `${JSON.stringify(client)} ${accepted.answer}`);
    }
  }
});
