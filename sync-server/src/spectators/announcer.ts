import { chipKey, type Roster, type Setup } from '@baton/schema/doc';
import type { EventId, StreamId } from '@baton/schema/ids';
import { type AnnouncerRow, announcerListSliced, type FoldRead } from '@baton/schema/results';
import { type Pace, runPaced, type Sliced } from '@baton/schema/roster';
import { followEpoch } from '../log/log-reading.ts';
import type { ReadLog } from '../log/read-log.ts';
import type { Registry } from '../registry/registry.ts';

/** Longest list that anybody gets. */
export const MAX_ANNOUNCED = 100;
/** Chips remembered of one stream; noise makes up new ones for ever. The one that came first is forgotten first. */
const MAX_CHIPS = 200_000;

/** Who came by, newest first: the first read of each chip in the streams' current epochs. */
export interface Announcer {
  readonly list: (source: { readonly setup: Setup; readonly roster: Roster }) => Promise<AnnouncerList>;
}

export interface AnnouncerList {
  readonly rows: readonly AnnouncerRow[];
  /** Rises whenever the list may be another. */
  readonly version: number;
}

interface Followed {
  readonly epoch: number;
  position: number;
  /** By chip. */
  readonly first: Map<string, FoldRead>;
}

/** True when it is the first of its chip. */
const noteRead = (first: Map<string, FoldRead>, read: FoldRead): boolean => {
  if (read.chip === null) return false;
  const chip = chipKey(read.chip);
  const known = first.get(chip);
  if (known !== undefined && known.receivedAt <= read.receivedAt) return false;
  first.set(chip, read);
  if (first.size <= MAX_CHIPS) return true;
  const [oldest] = first.keys();
  if (oldest !== undefined) first.delete(oldest);
  return true;
};

/** Reads noted in one step. */
const STEP = 50;

/** Notes each, some at a time; returns how many were the first of their chip. */
export function* noteReads(
  first: Map<string, FoldRead>,
  pair: { readonly streamId: StreamId; readonly epoch: number },
  reads: readonly Omit<FoldRead, 'streamId' | 'epoch'>[],
): Sliced<number> {
  let news = 0;
  for (const [index, { seq, chip, readerTime, receivedAt, kind }] of reads.entries()) {
    if (noteRead(first, { ...pair, seq, chip, readerTime, receivedAt, kind })) news++;
    if (index % STEP === STEP - 1) yield;
  }
  return news;
}

/** Reads the log when somebody asks, from where it was the last time. */
export const createAnnouncer = (
  deps: { readonly registry: Pick<Registry, 'streams'>; readonly log: ReadLog; readonly pace: Pace },
  eventId: EventId,
): Announcer => {
  const { registry, log } = deps;
  const streams = new Map<StreamId, Followed>();
  let version = 0;
  let made: {
    readonly setup: Setup;
    readonly roster: Roster;
    readonly at: number;
    readonly list: AnnouncerList;
  } | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  /** Counts what was new in the log. */
  let news = 0;

  const followedOf = (streamId: StreamId, epoch: number): Followed => {
    const known = streams.get(streamId);
    if (known?.epoch === epoch) return known;
    const fresh: Followed = { epoch, position: 0, first: new Map() };
    streams.set(streamId, fresh);
    news++;
    return fresh;
  };

  const catchUp = async (): Promise<void> => {
    const current = registry.streams(eventId);
    const ids = new Set(current.map(({ streamId }) => streamId));
    for (const streamId of [...streams.keys()]) if (!ids.has(streamId)) streams.delete(streamId);
    for (const { streamId, currentEpoch } of current) {
      const followed = followedOf(streamId, currentEpoch);
      const pair = { streamId, epoch: currentEpoch };
      for await (const reads of followEpoch(log, pair, followed.position, log.head(pair))) {
        news += await runPaced(noteReads(followed.first, pair, reads), deps.pace);
        followed.position = reads.at(-1)?.seq ?? 0;
      }
    }
  };

  function* firsts(): Iterable<FoldRead> {
    for (const { first } of streams.values()) yield* first.values();
  }

  const list: Announcer['list'] = async ({ setup, roster }) => {
    await catchUp();
    if (made?.setup === setup && made.roster === roster && made.at === news) return made.list;
    const rows = await runPaced(announcerListSliced({ setup, roster }, firsts(), MAX_ANNOUNCED), deps.pace);
    version++;
    made = { setup, roster, at: news, list: { rows, version } };
    return made.list;
  };

  return {
    list: (source) => {
      const mine = queue.then(
        () => list(source),
        () => list(source), // the one before failed and told its asker so
      );
      queue = mine;
      return mine;
    },
  };
};
