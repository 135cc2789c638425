import { compileFilters, type Filter } from '@baton/schema/filter';
import type { EventId } from '@baton/schema/ids';
import type { Ids, Log, Timers } from '@baton/schema/ports';
import { type NumberedRead, type Pair, type PairKey, pairFromKey, pairKey } from '@baton/schema/reads';
import type { Pace } from '@baton/schema/roster';
import { followEpoch, readBody } from '../log/log-reading.ts';
import type { ReadLog } from '../log/read-log.ts';
import type { Registry } from '../registry/registry.ts';
import { type Collection, type Delta, placeIn } from './collection.ts';
import { createMatcher } from './matcher.ts';
import type { Doc, ShelfListener } from './shelf.ts';

export interface ReadsDeps {
  readonly eventId: EventId;
  readonly registry: Pick<Registry, 'streams' | 'stream' | 'epochs'>;
  readonly log: ReadLog;
  readonly timers: Timers;
  readonly pace: Pace;
  readonly ids: Ids;
  readonly journal: Log;
}

const docOf = ({ streamId, epoch }: Pair, read: NumberedRead): Doc => ({
  streamId,
  epoch,
  ...readBody(read),
  id: `reads/${streamId}/${epoch}/${read.seq}`,
  collection: 'reads',
  version: 1,
  updatedAt: read.receivedAt,
  createdAt: read.receivedAt,
  deleted: false,
});

/** Reads that are remembered for who comes back after a short break. */
const MAX_REMEMBERED = 10_000;

/** What was told last, numbered from 1. */
const createMemory = (ids: Ids) => {
  let era = ids.uuid();
  let docs: Doc[] = [];
  let count = 0;
  return {
    note: (doc: Doc): number => {
      docs.push(doc);
      if (docs.length > 2 * MAX_REMEMBERED) docs = docs.slice(-MAX_REMEMBERED);
      return ++count;
    },
    /** Something was passed over: places before it mean nothing any more. */
    forget: (): void => {
      era = ids.uuid();
      docs = [];
      count = 0;
    },
    placeOf: (at: number): string => `${era}:${at}`,
    place: (): string => `${era}:${count}`,
    /** Null: some of them are no longer known. */
    since: (after: string | null, filters: readonly Filter[]): readonly Delta[] | null => {
      const at = placeIn(era, after);
      const first = count - docs.length;
      if (at === null || at < first || at > count) return null;
      const matches = compileFilters(filters);
      return docs.slice(at - first).flatMap((doc, index): Delta[] => {
        return matches(doc) ? [['create', doc, at + index + 1]] : [];
      });
    },
  };
};

/**
 * Reads of an event: never changed, never removed, far too many to hold. One tail of the log serves everybody; a snapshot is read
 * from the log up to where that tail stood when it was asked for. Without followers the tail stands still, so that who comes back
 * within minutes misses nothing: it goes on from there. Whoever begins anew lets it jump to the end.
 */
export const createReadsCollection = (deps: ReadsDeps): Collection => {
  const { registry, log, eventId, timers } = deps;
  const matcher = createMatcher<ShelfListener>();
  /** How far each epoch has been told. */
  const told = new Map<PairKey, number>();
  let pumping = false;
  let isDirty = false;
  let isStopped = false;
  const memory = createMemory(deps.ids);

  const jumpToEnd = (): void => {
    memory.forget();
    for (const { streamId } of registry.streams(eventId)) {
      for (const { epoch } of registry.epochs(streamId))
        told.set(pairKey(streamId, epoch), log.head({ streamId, epoch }));
    }
  };

  const tell = (doc: Doc): void => {
    const at = memory.note(doc);
    matcher.each(doc, (listener) => listener.onDelta('create', doc, at));
  };

  const pumpPair = async (pair: Pair): Promise<void> => {
    const key = pairKey(pair.streamId, pair.epoch);
    for await (const reads of followEpoch(log, pair, told.get(key) ?? 0, log.head(pair))) {
      for (const read of reads) {
        tell(docOf(pair, read));
        if (deps.pace.isOver()) await deps.pace.rest();
      }
      told.set(key, reads.at(-1)?.seq ?? 0);
    }
  };

  const pump = async (): Promise<void> => {
    while (isDirty && !isStopped) {
      isDirty = false;
      for (const { streamId } of registry.streams(eventId)) {
        for (const { epoch } of registry.epochs(streamId)) {
          const behind = log.head({ streamId, epoch }) > (told.get(pairKey(streamId, epoch)) ?? 0);
          if (behind) await pumpPair({ streamId, epoch });
        }
      }
    }
  };

  const startPump = (): void => {
    isDirty = true;
    if (pumping) return;
    pumping = true;
    pump()
      .catch((error: unknown) => {
        deps.journal.error('reads cannot be told', { eventId, cause: String(error) });
        matcher.all((listener) => listener.onReset());
      })
      .finally(() => {
        pumping = false;
      });
  };

  const stop = log.onAppended(({ streamId }) => {
    if (matcher.size() > 0 && registry.stream(streamId)?.eventId === eventId) startPump();
  });

  async function* snapshot(
    upTo: ReadonlyMap<PairKey, number>,
    filters: readonly Filter[],
  ): AsyncIterable<readonly Doc[]> {
    const matches = compileFilters(filters);
    for (const [key, head] of upTo) {
      const pair = pairFromKey(key);
      // what was archived is no more here to be shown; it is told by whoever has imported it
      if (pair === null || head === 0 || log.isArchived(pair)) continue;
      for await (const reads of followEpoch(log, pair, 0, head)) {
        yield reads.map((read) => docOf(pair, read)).filter(matches);
        await deps.pace.rest();
      }
    }
  }

  return {
    ready: () => Promise.resolve(),
    open: (listener, filters, after) => {
      const missed = memory.since(after, filters);
      if (missed === null && matcher.size() === 0 && !pumping) jumpToEnd();
      const upTo = new Map(told);
      matcher.add(listener, filters);
      timers.after(0, startPump);
      return { snapshot: () => snapshot(upTo, filters), missed, close: () => matcher.remove(listener) };
    },
    placeOf: memory.placeOf,
    place: memory.place,
    size: matcher.size,
    stop: () => {
      isStopped = true;
      stop();
    },
  };
};
