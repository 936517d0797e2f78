/**
 * A set that is mostly very small, at the price of what is in it: one item stands for itself, a few are a list, many a set. Most sockets are in one to
 * three rooms, and most rooms have one member. Items are strings or objects; no lists and no sets.
 */
export type Few<Item extends string | object> = Item | readonly Item[] | Set<Item>;

/** Lists are searched up to this length, and never changed, so that they may be walked meanwhile. */
const LIST_LENGTH = 4;

/** With one more; `few` itself must not be used any more. */
export function withItem<Item extends string | object>(few: Few<Item> | undefined, item: Item): Few<Item> {
  if (few === undefined) return item;
  if (few instanceof Set) return few.add(item);
  if (!isList(few)) return few === item ? few : [few, item];
  if (few.includes(item)) return few;
  return few.length < LIST_LENGTH ? few.concat([item]) : new Set(few).add(item);
}

/** Without one; `few` itself must not be used any more. */
export function withoutItem<Item extends string | object>(
  few: Few<Item> | undefined,
  item: Item,
): Few<Item> | undefined {
  if (few === undefined || few === item) return undefined;
  if (few instanceof Set) {
    few.delete(item);
    return few.size === 0 ? undefined : few;
  }
  if (!isList(few) || !few.includes(item)) return few;
  const left = few.filter((each) => each !== item);
  return left.length === 1 ? left[0] : left;
}

/** The items, in the order in which they came. */
export function itemsOf<Item extends string | object>(few: Few<Item> | undefined): Iterable<Item> {
  if (few === undefined) return [];
  return few instanceof Set || isList(few) ? few : [few];
}

/** The item, if there is just one. */
export function onlyItem<Item extends string | object>(few: Few<Item> | undefined): Item | undefined {
  if (few instanceof Set) return few.size === 1 ? few.values().next().value : undefined;
  return few === undefined || isList(few) ? undefined : few;
}

function isList<Item extends string | object>(few: Item | readonly Item[]): few is readonly Item[] {
  return Array.isArray(few);
}
