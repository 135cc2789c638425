import { clockToJson, comparePairs, type Pair, type PairKey, pairKey, type VectorClock } from '@baton/schema/reads';
import type { ReadLog } from '../log/read-log.ts';
import type { StoredBatch } from '../storage/store.ts';

/** Reads asked of the log at a time: enough to fill frames, little enough to stop soon. */
const READS_PER_STEP = 4096;
/** A peer with more than this unsent gets nothing until it drains. */
const MAX_BUFFERED = 1024 * 1024;

export interface PumpDeps {
  readonly log: Pick<ReadLog, 'read' | 'head'>;
  readonly send: (pair: Pair, stored: StoredBatch) => void;
  readonly bufferedAmount: () => number;
  /** Everything the targets hold has been delivered; `clock` is what was. Told once after each call of `retarget` with `announce`. */
  readonly onCaughtUp: (clock: ReturnType<typeof clockToJson>) => void;
  /** The targets have been replaced. */
  readonly onRetargeted: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Delivers the targets of one receiver, each from its position, in order, as far as credit and
 * the socket allow. History and live are one thing: a step reads the log after the position; an
 * append only wakes the pump. So there is no cut between them, and a stalled peer costs nothing
 * but its position.
 *
 * Turns go round the streams, so that a long replay of one never holds back another; within a
 * stream the lowest epoch that lags goes first.
 */
export interface Pump {
  /** Replaces the targets. Positions of kept and of formerly known pairs stay; others start at `from` (0 when absent). */
  readonly retarget: (targets: readonly Pair[], from: VectorClock, announce: boolean) => void;
  /** Forgets positions: the next `retarget` starts from its clock. */
  readonly reset: () => void;
  /** Forgets the positions of pairs that are no targets: when they come back they start at that `retarget`'s clock. */
  readonly forget: (pairs: readonly Pair[]) => void;
  readonly addCredit: (reads: number) => void;
  /** Something may be deliverable now. Cheap when nothing is. */
  readonly wake: () => void;
  readonly targets: () => readonly Pair[];
  /** Targets with reads that were not sent yet. */
  readonly lagging: () => readonly Pair[];
  readonly stop: () => void;
}

export const createPump = (deps: PumpDeps): Pump => {
  const positions = new Map<PairKey, number>();
  let targets: readonly Pair[] = [];
  let credit = 0;
  let announce = false;
  let running = false;
  let stopped = false;
  /** Rises with each change of targets: an answer of the log that was asked before is not sent. */
  let generation = 0;
  /** Stream served last, so that the next turn begins after it. */
  let lastStream = '';

  const positionOf = (pair: Pair): number => positions.get(pairKey(pair.streamId, pair.epoch)) ?? 0;
  const lags = (pair: Pair): boolean => positionOf(pair) < deps.log.head(pair);

  const nextTarget = (): Pair | undefined => {
    let first: Pair | undefined;
    for (const pair of targets) {
      if (!lags(pair)) continue;
      first ??= pair;
      if (pair.streamId > lastStream) return pair;
    }
    return first;
  };

  const mayStep = (): boolean => !stopped && credit > 0 && deps.bufferedAmount() <= MAX_BUFFERED;

  const sendBatch = (pair: Pair, stored: StoredBatch): void => {
    deps.send(pair, stored);
    positions.set(pairKey(pair.streamId, pair.epoch), stored.firstSeq + stored.count - 1);
    credit -= stored.count;
  };

  const step = async (pair: Pair): Promise<boolean> => {
    const asked = generation;
    const from = positionOf(pair);
    const batches = await deps.log.read(pair, from, Math.min(READS_PER_STEP, Math.max(credit, 1)));
    if (stopped || asked !== generation) return true;
    lastStream = pair.streamId;
    if (batches.length === 0) throw new Error(`the log has nothing after ${from} of ${pair.streamId}/${pair.epoch}`);
    for (const batch of batches) {
      if (!mayStep()) return false;
      sendBatch(pair, batch);
    }
    return true;
  };

  const deliveredClock = (): VectorClock =>
    new Map(targets.map((pair) => [pairKey(pair.streamId, pair.epoch), positionOf(pair)]));

  const announceIfDone = (): void => {
    if (!announce || stopped || nextTarget() !== undefined) return;
    announce = false;
    deps.onCaughtUp(clockToJson(deliveredClock()));
  };

  const run = async (): Promise<void> => {
    for (;;) {
      const pair = mayStep() ? nextTarget() : undefined;
      if (pair === undefined || !(await step(pair))) break;
    }
  };

  const wake = (): void => {
    if (running || stopped) return;
    running = true;
    run()
      .catch(deps.onError)
      .finally(() => {
        running = false;
        announceIfDone();
        // what arrived between the last look and here has called wake() in vain
        if (mayStep() && nextTarget() !== undefined) queueMicrotask(wake);
      });
  };

  return {
    retarget: (next, from, tellCaughtUp) => {
      generation++;
      targets = [...next].sort(comparePairs);
      for (const pair of targets) {
        const key = pairKey(pair.streamId, pair.epoch);
        if (!positions.has(key)) positions.set(key, from.get(key) ?? 0);
      }
      if (tellCaughtUp) announce = true;
      deps.onRetargeted();
      wake();
    },
    reset: () => positions.clear(),
    forget: (pairs) => {
      for (const pair of pairs) positions.delete(pairKey(pair.streamId, pair.epoch));
    },
    addCredit: (reads) => {
      credit = Math.min(credit + reads, 100_000_000);
      wake();
    },
    wake,
    targets: () => targets,
    lagging: () => targets.filter(lags),
    stop: () => {
      stopped = true;
    },
  };
};
