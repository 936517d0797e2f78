import { tokenize } from "./tokens.ts";
import { codeIn, type Tree } from "./tree.ts";

/** What the files of some folders may not use. */
interface GlobalRule {
  readonly folders: readonly string[];
  readonly names: readonly string[];
  /** The one file where it may stand all the same. */
  readonly home?: string;
  readonly why: string;
}

const IN_PAGES = ["shared", "protocol", "packets", "client"];
const TESTED_WITH_FAKES = ["shared", "protocol", "packets", "engine", "sockets", "client"];

const RULES: readonly GlobalRule[] = [
  {
    folders: IN_PAGES,
    names: ["Buffer", "process", "global", "__dirname", "__filename"],
    home: "src/client/node.ts",
    why: "it runs in pages too",
  },
  {
    folders: TESTED_WITH_FAKES,
    names: [
      "setTimeout",
      "setInterval",
      "setImmediate",
      "clearTimeout",
      "clearInterval",
      "clearImmediate",
      "requestAnimationFrame",
      "performance",
    ],
    home: "src/shared/clock.ts",
    why: "time comes from a Clock",
  },
  {
    folders: TESTED_WITH_FAKES,
    names: ["crypto", "Math.random"],
    home: "src/shared/random.ts",
    why: "randomness comes from a Random",
  },
  {
    folders: ["protocol", "packets"],
    names: ["queueMicrotask", "Promise", "Date"],
    why: "it is pure state",
  },
];

const GLOBAL_OBJECTS = new Set(["globalThis", "window", "self", "global"]);

/** Uses of globals that a folder must get from outside, or not at all. */
export function findForbiddenGlobals(tree: Tree): string[] {
  return RULES.flatMap((rule) =>
    rule.folders.flatMap((folder) =>
      codeIn(tree, `src/${folder}`)
        .filter(([path]) => path !== rule.home)
        .flatMap(([path, text]) =>
          globalsIn(text)
            .filter(({ name }) => rule.names.includes(name))
            .map(({ name, line }) => `${path}:${line}: ${folder} may not use ${name}: ${rule.why}`),
        ),
    ),
  );
}

/** Names that are not a property of something, and `Math.random`. */
function globalsIn(text: string): { name: string; line: number }[] {
  const tokens = tokenize(text);
  return tokens.flatMap(({ kind, text: name, line }, index) => {
    if (kind !== "name") return [];
    if (name === "random" && tokens[index - 2]?.text === "Math") return [{ name: "Math.random", line }];
    const isProperty = tokens[index - 1]?.text === "." && !GLOBAL_OBJECTS.has(tokens[index - 2]?.text ?? "");
    // In `{ process: … }` and `interface { process(): … }` it names a member.
    const isKey = tokens[index + 1]?.text === ":" && ["{", ",", ";"].includes(tokens[index - 1]?.text ?? "");
    return isProperty || isKey ? [] : [{ name, line }];
  });
}
