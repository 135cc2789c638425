import type { JournalChange, JournalEpoch, JournalStream } from './journal.ts';

/**
 * What the forwarder knows of one stream's journal, and the rules by which it changes. Pure: each
 * rule gives the new log and the journal changes that make it durable. Numbers are given
 * here when a line arrives, in memory; only `durable` lines are ever sent.
 */
export interface StreamLog {
  readonly reader: string;
  /** Ascending; the last takes new lines. Never empty. */
  readonly epochs: readonly EpochLog[];
}

export interface EpochLog extends JournalEpoch {
  /** Highest seq on disk; the rest up to `head` is on its way there. */
  readonly durable: number;
}

export interface LogStep {
  readonly log: StreamLog;
  readonly changes: readonly JournalChange[];
}

const emptyEpoch = (epoch: number, confirmed: boolean): EpochLog => ({
  epoch,
  first: 1,
  head: 0,
  durable: 0,
  acked: 0,
  confirmed,
});

export const logOfStored = ({ reader, epochs }: JournalStream): StreamLog => ({
  reader,
  epochs: epochs.map((epoch) => ({ ...epoch, durable: epoch.head })),
});

/** A reader never seen before begins with epoch 1, not yet agreed with any relay. */
export const createLog = (reader: string): LogStep => ({
  log: { reader, epochs: [emptyEpoch(1, false)] },
  changes: [{ type: 'openEpoch', reader, epoch: 1, confirmed: false }],
});

export const currentEpoch = (log: StreamLog): EpochLog => {
  const current = log.epochs.at(-1);
  if (current === undefined) throw new Error(`the log of ${log.reader} has no epoch`);
  return current;
};

export const epochOf = (log: StreamLog, epoch: number): EpochLog | undefined =>
  log.epochs.find((it) => it.epoch === epoch);

const withEpoch = (log: StreamLog, epoch: number, change: (it: EpochLog) => EpochLog): StreamLog => ({
  ...log,
  epochs: log.epochs.map((it) => (it.epoch === epoch ? change(it) : it)),
});

/** Gives the next `count` numbers of the current epoch. */
export const assign = (
  log: StreamLog,
  count: number,
): { readonly log: StreamLog; readonly epoch: number; readonly firstSeq: number } => {
  const { epoch, head } = currentEpoch(log);
  return { log: withEpoch(log, epoch, (it) => ({ ...it, head: head + count })), epoch, firstSeq: head + 1 };
};

/** Lines up to `seq` are on disk; what a move has taken away since is not counted. */
export const committed = (log: StreamLog, epoch: number, seq: number): StreamLog =>
  withEpoch(log, epoch, (it) => ({ ...it, durable: Math.max(it.durable, Math.min(seq, it.head)) }));

/** The relay has durably stored 1…seq. */
export const acknowledge = (log: StreamLog, epoch: number, seq: number): StreamLog =>
  withEpoch(log, epoch, (it) => ({ ...it, acked: Math.max(it.acked, Math.min(seq, it.durable)) }));

/** Lines below `first` were deleted. */
export const pruned = (log: StreamLog, epoch: number, first: number): StreamLog =>
  withEpoch(log, epoch, (it) => ({ ...it, first: Math.max(it.first, first) }));

/** New lines go to `epoch` from seq 1 on. Only upwards: a number that was ever used is never used again. */
export const openEpoch = (log: StreamLog, epoch: number): LogStep => {
  if (epoch <= currentEpoch(log).epoch) return { log, changes: [] };
  return {
    log: { ...log, epochs: [...log.epochs, emptyEpoch(epoch, true)] },
    changes: [{ type: 'openEpoch', reader: log.reader, epoch, confirmed: true }],
  };
};

/** The relay agrees that the current epoch is this journal's. */
export const confirmCurrent = (log: StreamLog): LogStep => {
  const { epoch, confirmed } = currentEpoch(log);
  if (confirmed) return { log, changes: [] };
  return {
    log: withEpoch(log, epoch, (it) => ({ ...it, confirmed: true })),
    changes: [{ type: 'confirmEpoch', reader: log.reader, epoch }],
  };
};

/** Part of an epoch that cannot be sent under its own numbers. */
export interface Displaced {
  readonly epoch: number;
  readonly fromSeq: number;
}

/**
 * Moves lines to fresh epochs from `freshEpoch` on, each displaced part to one of its own, in the
 * order of their epochs, so that no number is used for two different lines. The part of the
 * current epoch comes last and takes new lines with it; where no line of the current epoch moves,
 * an empty epoch is opened after the others, because the relay takes the highest for the current.
 */
export const relocate = (log: StreamLog, parts: readonly Displaced[], freshEpoch: number): LogStep => {
  const current = currentEpoch(log);
  const changes: JournalChange[] = [];
  let next = Math.max(freshEpoch, current.epoch + 1);
  let moved = log;
  for (const part of parts.toSorted((a, b) => a.epoch - b.epoch)) {
    const step = moveTo(moved, part, next);
    if (step.changes.length > 0) next += 1;
    moved = step.log;
    changes.push(...step.changes);
  }
  const ofCurrent = parts.find(({ epoch }) => epoch === current.epoch);
  const carriesOn = ofCurrent !== undefined && ofCurrent.fromSeq <= current.head;
  if (carriesOn || (ofCurrent === undefined && changes.length === 0)) return { log: moved, changes };
  const opened = openEpoch(moved, next);
  return { log: opened.log, changes: [...changes, ...opened.changes] };
};

const moveTo = (log: StreamLog, part: Displaced, toEpoch: number): LogStep => {
  const source = epochOf(log, part.epoch);
  if (source === undefined || part.fromSeq > source.head) return { log, changes: [] };
  const fromSeq = Math.max(part.fromSeq, source.first);
  const target: EpochLog = { ...emptyEpoch(toEpoch, true), head: source.head - fromSeq + 1 };
  const cut = withEpoch(log, part.epoch, (it) => cutBefore(it, fromSeq));
  return {
    log: { ...cut, epochs: [...cut.epochs, target] },
    changes: [
      { type: 'openEpoch', reader: log.reader, epoch: toEpoch, confirmed: true },
      { type: 'move', reader: log.reader, epoch: part.epoch, fromSeq, toEpoch },
    ],
  };
};

const cutBefore = (it: EpochLog, fromSeq: number): EpochLog => {
  const head = fromSeq - 1;
  return {
    ...it,
    head,
    durable: Math.min(it.durable, head),
    acked: Math.min(it.acked, head),
  };
};

/** Sends again from `relayHead + 1`: the relay holds less than it acked. */
export const rewind = (log: StreamLog, epoch: number, relayHead: number): LogStep => {
  const found = epochOf(log, epoch);
  if (found === undefined || relayHead >= found.acked) return { log, changes: [] };
  return {
    log: withEpoch(log, epoch, (it) => ({ ...it, acked: relayHead })),
    changes: [{ type: 'setAcked', reader: log.reader, epoch, seq: relayHead }],
  };
};
