/**
 * Places in a list that several people edit: each entry holds a number of its own, and entries stand by it (then by
 * id). A change of the list writes as few of them as it can. Numbering anew would rewrite every entry behind a removed
 * one, and what another operator changed in those meanwhile would be a conflict about nothing.
 */

interface Placed {
  readonly id: string;
  /** Undefined: new. */
  readonly order: number | undefined;
}

const isBefore = (a: Placed, b: Placed): boolean =>
  a.order !== undefined && b.order !== undefined && (a.order < b.order || (a.order === b.order && a.id < b.id));

/** Which entries may keep their numbers: the most that stand in rising order already. */
const keptOf = (list: readonly Placed[]): ReadonlySet<number> => {
  const best: { readonly length: number; readonly previous: number }[] = [];
  let end = -1;
  for (const [at, item] of list.entries()) {
    let found = { length: item.order === undefined ? 0 : 1, previous: -1 };
    for (let earlier = 0; earlier < at; earlier++) {
      const before = list[earlier];
      const length = best[earlier]?.length ?? 0;
      if (before !== undefined && length >= found.length && isBefore(before, item)) {
        found = { length: length + 1, previous: earlier };
      }
    }
    best.push(found);
    if (found.length > (best[end]?.length ?? 0)) end = at;
  }
  const kept = new Set<number>();
  for (let at = end; at >= 0; at = best[at]?.previous ?? -1) kept.add(at);
  return kept;
};

const between = (before: number | undefined, after: number | undefined): number => {
  if (before === undefined) return after === undefined ? 0 : after - 1;
  return after === undefined ? before + 1 : (before + after) / 2;
};

/**
 * Numbers for entries in the wanted order, one for each id.
 *
 * @param ids distinct, as they shall stand
 * @param known the numbers that entries have; a new entry has none
 */
export const placesFor = (ids: readonly string[], known: ReadonlyMap<string, number>): readonly number[] => {
  const list = ids.map((id): Placed => ({ id, order: known.get(id) }));
  const kept = keptOf(list);
  const placed: Placed[] = [];
  for (const [at, { id, order }] of list.entries()) {
    const after = list.find((_, later) => later > at && kept.has(later))?.order;
    placed.push({ id, order: kept.has(at) ? order : between(placed.at(-1)?.order, after) });
  }
  // no room is left between two neighbours
  const risen = placed.every((it, at) => {
    const before = placed[at - 1];
    return Number.isFinite(it.order) && (before === undefined || isBefore(before, it));
  });
  return risen ? placed.map(({ order = 0 }) => order) : ids.map((_, at) => at);
};
