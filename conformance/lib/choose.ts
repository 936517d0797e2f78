/** Which cases to run. */
export interface Choice {
  /** Run only these groups. Default: all. */
  groups?: readonly string[] | undefined;
  /** Run only these: ids, or what ids begin with where it is no id itself. Default: all. */
  only?: readonly string[] | undefined;
}

interface Named {
  id: string;
}

/** The cases that a choice leaves, in their order. */
export function choose<Case extends Named>(cases: readonly Case[], { groups, only }: Choice): Case[] {
  const ids = new Set(cases.map(({ id }) => id));
  const matches = (id: string, text: string): boolean => (ids.has(text) ? id === text : id.startsWith(text));
  return cases.filter(
    (one) =>
      (!groups || groups.includes(groupOf(one))) && (!only || only.some((text) => matches(one.id, text))),
  );
}

export function groupOf({ id }: Named): string {
  return id.slice(0, id.indexOf("/"));
}
