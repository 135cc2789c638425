import { type Pair, type PairKey, pairKey, type VectorClock } from '@baton/schema/reads';
import { stepFrame } from '../reads/frame-step.ts';
import type { ReadItem, ReadRun, SetupItem } from './consumer.ts';

/** How a consumer fares; for people and for alarms. */
export interface ConsumerStatus {
  readonly name: string;
  readonly clock: VectorClock;
  /** Items on which it threw. */
  readonly skipped: number;
  /** What it waits for; null: nothing. */
  readonly waitsFor: string | null;
}

/** A run as consumers get it; the items are made once for all of them. */
export interface ItemRun extends Pair {
  readonly items: readonly ReadItem[];
}

export interface Unsaved {
  readonly text: string;
  /** To be called once the text is on disk. */
  readonly saved: () => void;
}

/** One consumer with its position, whatever it does with an item. */
export interface Runner {
  readonly name: string;
  /** What it has taken in for good; the map is replaced, never changed. */
  readonly clock: () => VectorClock;
  readonly takeReads: (run: ItemRun, done: () => void) => void;
  readonly takeSetup: (setup: SetupItem) => void;
  /** Resolves once everything given so far has been taken in, or was cleared. */
  readonly drained: () => Promise<void>;
  /** The subscription ended: what has not been begun is forgotten, it will be told again. */
  readonly clear: () => void;
  /** Stops after the item under way; resolves when it is over. */
  readonly stop: () => Promise<void>;
  /** The checkpoint's text when something changed since the last one that was `saved`; else null. */
  readonly unsaved: () => Unsaved | null;
  readonly status: () => ConsumerStatus;
}

export interface Reporter {
  /** A consumer threw on an item, which is skipped. */
  readonly onSkipped: (consumer: string, item: string, cause: unknown) => void;
  /** Reads came that do not follow what the consumer holds: the subscription is at fault. */
  readonly onGap: (consumer: string, message: string) => void;
}

export const describeItem = (item: { readonly type: string }): string => {
  if (item.type !== 'read') return item.type;
  const { streamId, epoch, seq } = item as ReadItem;
  return `${streamId}/${epoch} read ${seq}`;
};

export const itemsOf = ({ streamId, epoch, reads }: ReadRun): ItemRun => ({
  streamId,
  epoch,
  items: reads.map(({ seq, raw, receivedAt, readerTime, chip, kind }) => ({
    type: 'read',
    streamId,
    epoch,
    seq,
    raw,
    receivedAt,
    readerTime,
    chip,
    kind,
  })),
});

/** The reads of a run that are new to who holds `held` of its epoch. */
export type NewReads =
  | { readonly type: 'new'; readonly key: PairKey; readonly items: readonly ReadItem[] }
  | { readonly type: 'known' }
  | { readonly type: 'gap'; readonly message: string };

export const newReadsOf = (clock: VectorClock, run: ItemRun): NewReads => {
  const key = pairKey(run.streamId, run.epoch);
  const first = run.items[0];
  if (first === undefined) return { type: 'known' };
  const step = stepFrame(clock.get(key) ?? 0, first.seq, run.items.length);
  switch (step.type) {
    case 'known':
      return { type: 'known' };
    case 'gap':
      return { type: 'gap', message: `expected read ${step.expected} of ${key}, got ${first.seq}` };
    case 'append':
      return { type: 'new', key, items: step.from === 0 ? run.items : run.items.slice(step.from) };
  }
};
