import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { runTool } from "../../scripts/lib/process.mjs";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import { freePort } from "../support/listen.ts";
import { type DocBlock, docBlocks } from "./support/doc-blocks.ts";
import { ROOT } from "./support/tree.ts";

/** In the package, so that the programs may import it by its name. */
const FOLDER = join(ROOT, `dist/docs-${process.pid}`);
const GUIDES = join(ROOT, "docs/guide");

/** Pages whose programs are parts of one that is not shown. */
const FRAGMENTS = new Set(["liveness", "reliable-websocket"]);

/** What a program in TypeScript promises; one in JavaScript need not name its types. */
const STRICTNESS = { "tsconfig.json": true, "jsconfig.json": false };

const pages = new Map<string, DocBlock[]>();
for (const file of await readdir(GUIDES)) {
  const page = basename(file, ".md");
  if (page === file || FRAGMENTS.has(page)) continue;
  pages.set(page, docBlocks(await readFile(join(GUIDES, file), "utf8")));
}

describe("the programs of the guides", () => {
  before(async () => {
    for (const [page, blocks] of pages) {
      await mkdir(join(FOLDER, page), { recursive: true });
      const port = String(await freePort());
      for (const { file, code } of blocks) {
        await writeFile(join(FOLDER, page, file), code.replaceAll("3000", port));
      }
    }
    for (const [file, strict] of Object.entries(STRICTNESS)) {
      await writeFile(join(FOLDER, file), JSON.stringify(configOf(strict)));
    }
  });
  after(() => rm(FOLDER, { recursive: true, force: true }));

  for (const config of Object.keys(STRICTNESS)) {
    test(`compile (${config})`, async () => {
      await runTool("typescript", ["-p", join(FOLDER, config)]);
    });
  }

  describe("print what the guides say", { concurrency: 3 }, () => {
    for (const [page, blocks] of pages) {
      // The programs of a page have a port in common.
      describe(page, { concurrency: 1 }, () => {
        for (const { file, output } of blocks) {
          if (output === undefined) continue;
          test(file, async () => {
            const args = [...TYPESCRIPT, join(FOLDER, page, file)];
            const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
              cwd: ROOT,
              timeout: 20_000,
            });
            assert.deepEqual({ stdout, stderr }, { stdout: output, stderr: "" });
          });
        }
      });
    }
  });
});

function configOf(strict: boolean): object {
  return {
    extends: "../../tsconfig.base.json",
    compilerOptions: {
      noEmit: true,
      allowImportingTsExtensions: true,
      lib: ["es2023", "dom", "dom.iterable"],
      types: ["node"],
      noUnusedLocals: false,
      ...(strict ? {} : { allowJs: true, checkJs: true, noImplicitAny: false }),
    },
    include: [strict ? "*/*.ts" : "*/*.js"],
  };
}
