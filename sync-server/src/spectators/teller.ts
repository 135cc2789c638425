import type { FeedCut, FeedDiff, FullState, VenueFreshness } from '@baton/schema/feed';
import type { RaceId } from '@baton/schema/ids';
import type { Clock, Ids } from '@baton/schema/ports';
import type { EventRecord } from '../storage/records.ts';
import { type PreparedFrame, prepareText } from '../transport/prepared-frame.ts';
import { diffText, type PointsOf, shortDiffs } from './diff-text.ts';
import { REFRESH } from './fan-out.ts';
import type { RaceNews } from './live-race.ts';
import type { Room } from './room.ts';

/** Hears what spectators are told, whether or not there are any. */
export interface HubObserver {
  readonly onDiff: (diff: FeedDiff, asOf: number) => void;
  /** Too much changed for that: everything is to be looked at anew, once it has settled. */
  readonly onWhole: () => void;
}

/** Numbers what spectators are told, and tells it. */
export interface Teller {
  readonly cut: () => FeedCut & { readonly asOf: number };
  /** Version at which a race changed last. */
  readonly changedAt: (raceId: RaceId) => number;
  readonly news: (raceId: RaceId, news: RaceNews) => void;
  readonly status: (status: EventRecord['status']) => void;
  readonly venue: (venue: VenueFreshness) => void;
  /** From now on nothing but the whole may be told: the folds go ahead of the version. */
  readonly oweFull: () => void;
  /** Tells the whole if it is owed. */
  readonly payFull: (races: Iterable<RaceId>) => void;
  /** The first message of this version; to be asked for while the folds are at it. */
  readonly first: () => PreparedFrame;
  /** What was told does not hold any more: everybody is told to fetch, and versions begin anew. */
  readonly startAnew: () => void;
  readonly mute: () => void;
  /** Returns the way to stop. */
  readonly observe: (observer: HubObserver) => () => void;
}

export interface TellerDeps {
  readonly room: Pick<Room, 'push' | 'size'>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Of a race as it was told last. */
  readonly pointsOf: PointsOf;
  readonly compose: (cut: FeedCut, asOf: number) => FullState;
}

export const createTeller = ({ room, clock, ids, compose, pointsOf }: TellerDeps): Teller => {
  let hub = ids.uuid();
  let version = 0;
  let asOf = clock.now();
  let owesFull = false;
  let isMute = false;
  let first: { readonly version: number; readonly frame: PreparedFrame } | null = null;
  const changes = new Map<RaceId, number>();
  const observers = new Set<HubObserver>();

  const next = (): void => {
    version++;
    asOf = clock.now();
  };

  const isHeard = (): boolean => !isMute && room.size() > 0;

  const firstMessage = (): PreparedFrame => {
    if (first?.version === version) return first.frame;
    const frame = prepareText(JSON.stringify({ type: 'full', data: compose({ hub, version }, asOf) }));
    first = { version, frame };
    return frame;
  };

  const hearWhole = (): void => {
    if (!isMute) for (const { onWhole } of observers) onWhole();
  };

  const tell = (diff: FeedDiff): void => {
    next();
    if (!isMute) for (const { onDiff } of observers) onDiff(diff, asOf);
    if (isHeard()) room.push(prepareText(diffText({ version, asOf, ...diff }, pointsOf)));
  };

  return {
    cut: () => ({ hub, version, asOf }),
    changedAt: (raceId) => changes.get(raceId) ?? version,
    news: (raceId, news) => {
      if (news.type === 'all') owesFull = true;
      if (news.type !== 'diff' || owesFull) return;
      for (const diff of shortDiffs(news.diff, pointsOf)) tell(diff);
      changes.set(raceId, version);
    },
    status: (status) => tell({ status }),
    venue: (venue) => tell({ venue }),
    oweFull: () => {
      owesFull = true;
    },
    payFull: (races) => {
      if (!owesFull) return;
      owesFull = false;
      next();
      for (const raceId of races) changes.set(raceId, version);
      hearWhole();
      if (isHeard()) room.push(firstMessage(), true);
    },
    first: firstMessage,
    startAnew: () => {
      const hasTold = version > 0 || first !== null;
      hub = ids.uuid();
      version = 0;
      first = null;
      changes.clear();
      hearWhole();
      if (hasTold && isHeard()) room.push(REFRESH);
    },
    mute: () => {
      isMute = true;
    },
    observe: (observer) => {
      observers.add(observer);
      return () => observers.delete(observer);
    },
  };
};
