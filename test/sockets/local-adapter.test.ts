import { describe, test } from "node:test";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import { adapterSuite } from "../../src/testing/index.ts";

describe("LocalAdapter", () => {
  // The suite names the types of the package, which are those of its source built.
  for (const { name, run } of adapterSuite(() => new LocalAdapter() as never)) test(name, run);
});
