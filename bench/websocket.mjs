/** `npm run bench:websocket`: Switchboard's WebSocket server beside its peers. See README.md. */
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { BenchError, endChildrenAtExit, run } from "./lib/children.mjs";
import { writeDocument } from "./lib/document.mjs";
import { measure } from "./lib/measure.mjs";
import { root } from "./lib/paths.mjs";
import { nodeOf, prepare } from "./lib/prepare.mjs";
import { printResult } from "./lib/report.mjs";
import { resultOf } from "./lib/results.mjs";
import { anotherBuild, servers } from "./lib/servers.mjs";
import { works } from "./lib/works.mjs";

const { values: options } = parseArgs({
  options: {
    node: { type: "string", default: process.versions.node.split(".")[0] },
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    against: { type: "string" },
  },
});
const rounds = options.quick ? 1 : 3;
const seconds = options.quick ? 1.5 : 3;
const rowIds = works.flatMap((work) => work.rows.map((row) => row.id));

endChildrenAtExit();
try {
  await main();
} catch (error) {
  console.error(error instanceof BenchError ? error.message : error);
  process.exit(1);
}

async function main() {
  const chosen = chooseWorks();
  await prepare();
  const node = await nodeOf(options.node);
  const { output } = await run([node, "--version"]);
  const version = output.trim().slice(1);
  if (options.against !== undefined) servers.other = anotherBuild(options.against);

  console.log(`Node ${version}, ${rounds} × ${seconds} s`);
  const results = [];
  for (const work of chosen) {
    const figures = await measureAll(work, node);
    for (const row of work.rows.filter(isChosen)) {
      const result = resultOf(row, figures);
      results.push(result);
      printResult(result);
    }
  }
  if (options.quick || options.only !== "" || options.against !== undefined) return;
  console.log(`\nWritten to ${relative(root, writeDocument(results, version, rounds))}.`);
}

/**
 * All servers of a work, in turn and round for round, so that a change in the machine meets all of them.
 * @param {import("./lib/works.mjs").Work} work
 * @param {string} node
 */
async function measureAll(work, node) {
  const names = servers.other === undefined ? work.servers : [...work.servers, "other"];
  /** @type {Map<string, (import("./lib/measure.mjs").Figures | undefined)[]>} */
  const figures = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, all] of figures) {
      // What can't do it in the first round can't do it in the others.
      if (round > 0 && all[0] === undefined) continue;
      all.push(await measure(work, servers[name], { node, seconds }));
    }
  }
  return figures;
}

function chooseWorks() {
  const chosen = works.filter((work) => work.rows.some(isChosen));
  if (chosen.length > 0) return chosen;
  throw new BenchError(`--only takes one of these, or how some of them begin: ${rowIds.join(", ")}.`);
}

/** @param {import("./lib/works.mjs").Row} row */
function isChosen(row) {
  return rowIds.includes(options.only) ? row.id === options.only : row.id.startsWith(options.only);
}
