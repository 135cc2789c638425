import type { DocLink, Keeping } from '@baton/client-core';

/** Worse first. */
const TYPES: readonly DocLink['type'][] = ['refused', 'offline', 'connecting', 'syncing', 'synced'];
const KEEPINGS: readonly Keeping['type'][] = ['not-kept', 'none', 'opening', 'writing', 'kept'];

const worst = <T>(all: readonly T[], rank: (one: T) => number): T | undefined =>
  all.reduce<T | undefined>((found, one) => (found === undefined || rank(one) < rank(found) ? one : found), undefined);

const joinKeeping = (all: readonly Keeping[]): Keeping => {
  const damaged = all.reduce((sum, one) => sum + (one.type === 'kept' ? one.damaged : 0), 0);
  const found = worst(all, ({ type }) => KEEPINGS.indexOf(type)) ?? { type: 'none' };
  return found.type === 'kept' ? { type: 'kept', damaged } : found;
};

/** Several documents as one: edits are only as safe as those of the one that stands worst. */
export const joinLinks = (links: readonly [DocLink, ...DocLink[]]): DocLink => {
  const found = worst(links, ({ type }) => TYPES.indexOf(type)) ?? links[0];
  return {
    ...found,
    unsaved: links.some(({ unsaved }) => unsaved),
    keeping: joinKeeping(links.map(({ keeping }) => keeping)),
  };
};
