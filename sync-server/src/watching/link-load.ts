import type { Lacking, LinkBody } from '@baton/schema/http';

/** The link of a relay at the venue in numbers: all its events together. */

const sumOf = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((it) => it !== null);
  return known.length === 0 ? null : known.reduce((sum, it) => sum + it, 0);
};

/** 1 while each event is attached at both relays; one that was deleted at one of them is linked no more. */
export const isConnected = ({ events }: LinkBody): 0 | 1 => {
  const linked = events.filter(({ state }) => state !== 'ended');
  return linked.length > 0 && linked.every(({ state }) => state === 'connected') ? 1 : 0;
};

/** Seconds since the relay elsewhere was heard last; null: never. */
export const heardSeconds = ({ heardAt }: LinkBody, now: number): number | null =>
  heardAt === null ? null : Math.max(0, now - heardAt) / 1000;

/** By the relay that lacks something; one of which nothing is known is left out. */
export const lacking = (
  link: LinkBody | null,
  what: 'missingReads' | 'unsavedDocuments',
): ReadonlyMap<string, number> => {
  const at = (side: keyof Lacking): readonly [string, number][] => {
    const sum = sumOf(link?.events.map((event) => event[what][side]) ?? []);
    return sum === null ? [] : [[side, sum]];
  };
  return new Map([...at('venue'), ...at('upstream')]);
};

export const conflicts = ({ events }: LinkBody): number => events.reduce((sum, it) => sum + it.conflicts, 0);

export const bytesByDirection = (link: LinkBody | null): ReadonlyMap<string, number> =>
  new Map(
    link === null
      ? []
      : [
          ['sent', link.sentBytes],
          ['received', link.receivedBytes],
        ],
  );
