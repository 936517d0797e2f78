import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe is asked to look for: WCAG 2.2 A and AA with all that came before, and what is good practice beyond. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Fewer rules than this that have found something to judge: then axe has not seen the page. */
const FEWEST_RULES = 15;

/** What a page does wrong by axe-core's rules, each as a line: the rule, the element, what would help. */
export async function violations(page: Page): Promise<string[]> {
  if (await page.evaluate(() => !("axe" in globalThis))) await page.evaluate(axe.source);
  const { passes, violations: found } = await page.evaluate(
    (values) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: values }),
    TAGS,
  );
  if (passes.length < FEWEST_RULES) throw new Error(`Only ${passes.length} rules had something to judge.`);
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${target.join(" ")}: ${help}`),
  );
}
