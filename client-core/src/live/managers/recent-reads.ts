import type { StreamId } from '@baton/schema/ids';

/** The newest values of each stream, oldest first. */
export type RecentReads<V> = Readonly<Record<string, readonly V[]>>;

const MAX_STREAMS = 1000;

/** With one value more of a stream, of which the newest `keep` are kept. Streams beyond the first thousand are left out. */
export const withRecent = <V>(recent: RecentReads<V>, streamId: StreamId, value: V, keep: number): RecentReads<V> => {
  const known = Object.hasOwn(recent, streamId) ? recent[streamId] : undefined;
  if (known === undefined && Object.keys(recent).length >= MAX_STREAMS) return recent;
  return { ...recent, [streamId]: [...(known ?? []), value].slice(-keep) };
};
