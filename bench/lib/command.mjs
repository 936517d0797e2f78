/** What the commands share: their options, the rounds, the terminal. */
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { BenchError, endChildrenAtExit, run } from "./children.mjs";
import { measure } from "./measure.mjs";
import { root } from "./paths.mjs";
import { nodeOf, prepare } from "./prepare.mjs";
import { printResult } from "./report.mjs";
import { resultOf } from "./results.mjs";
import { servers } from "./servers.mjs";

/**
 * @typedef {object} Command
 * @property {readonly import("./works.mjs").Work[]} works
 * @property {string} built a file of the build that is measured
 * @property {(folder: string) => import("./servers.mjs").ServerKind} anotherBuild what `--against` measures
 * @property {(run: WholeRun) => readonly string[]} write writes a whole run; returns the files
 * @typedef {object} WholeRun
 * @property {readonly import("./results.mjs").Result[]} results
 * @property {string} nodeVersion
 * @property {number} rounds
 * @property {boolean} isDefaultNode whether it ran on the Node that runs this, not on one that was asked for
 */

/**
 * Does everything, and ends the process with a sentence if it can't.
 * @param {Command} command
 */
export async function runCommand(command) {
  endChildrenAtExit();
  try {
    await main(command);
  } catch (error) {
    console.error(error instanceof BenchError ? error.message : error);
    process.exit(1);
  }
}

/** @param {Command} command */
async function main({ works, built, anotherBuild, write }) {
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
  const isChosen = chooser(works, options.only);
  await prepare(built);
  const node = await nodeOf(options.node);
  const { output } = await run([node, "--version"]);
  const nodeVersion = output.trim().slice(1);
  if (options.against !== undefined) servers.other = anotherBuild(options.against);

  console.log(`Node ${nodeVersion}, ${rounds} × ${seconds} s`);
  const results = [];
  for (const work of works.filter(({ rows }) => rows.some(isChosen))) {
    const figures = await measureAll(work, { node, rounds, seconds });
    for (const row of work.rows.filter(isChosen)) {
      const result = resultOf(row, figures);
      results.push(result);
      printResult(result);
    }
  }
  if (options.quick || options.only !== "" || options.against !== undefined) return;
  const isDefaultNode = node === process.execPath;
  const files = write({ results, nodeVersion, rounds, isDefaultNode });
  console.log(`\nWritten to ${files.map((file) => relative(root, file)).join(" and ")}.`);
}

/**
 * All servers of a work, in turn and round for round, so that a change in the machine meets all of them.
 * @param {import("./works.mjs").Work} work
 * @param {{ node: string, rounds: number, seconds: number }} settings
 */
async function measureAll(work, { node, rounds, seconds }) {
  const names = servers.other === undefined ? work.servers : [...work.servers, "other"];
  /** @type {Map<string, (import("./measure.mjs").Figures | undefined)[]>} */
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

/**
 * Which rows `--only` means: the one of this name, else all whose names begin so.
 * @param {readonly import("./works.mjs").Work[]} works
 * @param {string} only
 * @returns {(row: import("./works.mjs").Row) => boolean}
 */
function chooser(works, only) {
  const ids = works.flatMap((work) => work.rows.map(({ id }) => id));
  if (ids.includes(only)) return ({ id }) => id === only;
  if (ids.some((id) => id.startsWith(only))) return ({ id }) => id.startsWith(only);
  throw new BenchError(`--only takes one of these, or how some of them begin: ${ids.join(", ")}.`);
}
