import type { JournalChange } from './journal.ts';
import {
  confirmCurrent,
  currentEpoch,
  type Displaced,
  type EpochLog,
  epochOf,
  type LogStep,
  openEpoch,
  relocate,
  rewind,
  type StreamLog,
} from './stream-log.ts';

/** What the relay said of a stream in its welcome. */
export interface RelayStream {
  /** The stream's current epoch by the relay's records. */
  readonly epoch: number;
  /** Highest seq stored of each epoch that has any. */
  readonly heads: ReadonlyMap<number, number>;
}

/** Something a person should know; `message` names cause and consequence. */
export interface Finding {
  readonly type: 'new-journal' | 'relay-behind' | 'lines-lost' | 'relay-ahead' | 'epoch-followed';
  readonly epoch: number;
  readonly message: string;
}

export interface Reconciled extends LogStep {
  readonly findings: readonly Finding[];
}

interface EpochVerdict {
  readonly rewindTo?: number;
  readonly displaced?: Displaced;
  readonly findings: readonly Finding[];
}

/** Highest epoch that the relay knows of a stream. */
const topEpoch = ({ epoch, heads }: RelayStream): number => Math.max(epoch, ...heads.keys());

/** Lowest epoch that holds nothing of anybody else and is not below the relay's current one. */
const freeEpoch = (relay: RelayStream): number => {
  const top = topEpoch(relay);
  return (relay.heads.get(top) ?? 0) > 0 ? top + 1 : top;
};

/**
 * Brings a journal and a relay together at the start of a session: after it, every epoch of the journal
 * can be sent from `acked + 1` on. Nothing may be sent before the changes are durable, or a crash
 * in between could make this journal take its own lines for somebody else's.
 *
 * - A journal that has never met the relay takes the relay's current epoch if that is empty, else the next:
 *   a new disk in an old device must not write under numbers that are used.
 * - A relay that holds less than it acked (restored, or a new disk) gets the lines again; where they
 *   have been deleted here, what is left goes to a fresh epoch.
 * - A relay that holds more than this journal ever gave (the journal is a copy) closes the epoch to new lines.
 * - A relay whose current epoch is higher is followed.
 */
export const reconcile = (log: StreamLog, relay: RelayStream): Reconciled =>
  currentEpoch(log).confirmed ? meetAgain(log, relay) : meetFirst(log, relay);

const meetFirst = (log: StreamLog, relay: RelayStream): Reconciled => {
  const current = currentEpoch(log);
  const target = freeEpoch(relay);
  if (target === current.epoch) return { ...confirmCurrent(log), findings: [] };
  const message = `the relay has reads of this reader that this journal does not know; new reads go to epoch ${target}`;
  return {
    ...relocate(log, [{ epoch: current.epoch, fromSeq: 1 }], target),
    findings: [{ type: 'new-journal', epoch: target, message }],
  };
};

const meetAgain = (log: StreamLog, relay: RelayStream): Reconciled => {
  const current = currentEpoch(log).epoch;
  const changes: JournalChange[] = [];
  const findings: Finding[] = [];
  const displaced: Displaced[] = [];
  let next = log;
  for (const it of log.epochs) {
    const verdict = judge(it, relay.heads.get(it.epoch) ?? 0, it.epoch === current);
    const rewound = rewind(next, it.epoch, verdict.rewindTo ?? it.acked);
    next = rewound.log;
    changes.push(...rewound.changes);
    findings.push(...verdict.findings);
    if (verdict.displaced !== undefined) displaced.push(verdict.displaced);
  }
  const moved = relocate(next, displaced, topEpoch(relay) + 1);
  const followed = follow(moved.log, relay);
  return {
    log: followed.log,
    changes: [...changes, ...moved.changes, ...followed.changes],
    findings: [...findings, ...followed.findings],
  };
};

const judge = (it: EpochLog, relayHead: number, isCurrent: boolean): EpochVerdict => {
  if (relayHead > it.head) return judgeAhead(it, relayHead, isCurrent);
  const behind = relayHead < it.acked;
  const lost = it.first - 1 - relayHead;
  const displaces = lost > 0 && (isCurrent || it.first <= it.head);
  if (!behind && !displaces) return { findings: [] };
  return {
    rewindTo: relayHead,
    ...(displaces ? { displaced: { epoch: it.epoch, fromSeq: it.first } } : {}),
    findings: [lost > 0 ? linesLost(it, relayHead, lost) : relayBehind(it, relayHead)],
  };
};

const linesLost = ({ epoch }: EpochLog, relayHead: number, lost: number): Finding => ({
  type: 'lines-lost',
  epoch,
  message: `${lost} reads after ${relayHead} are neither at the relay nor kept here any more; later ones go to a fresh epoch`,
});

const relayBehind = ({ epoch, acked }: EpochLog, relayHead: number): Finding => ({
  type: 'relay-behind',
  epoch,
  message: `the relay holds ${relayHead} reads of ${acked} that it acked; sending them again`,
});

/** In mid-session the relay wants an epoch again from `relayHead + 1`. */
export const fallBack = (log: StreamLog, epoch: number, relayHead: number): Reconciled => {
  const found = epochOf(log, epoch);
  const current = currentEpoch(log).epoch;
  if (found === undefined) return { log, changes: [], findings: [] };
  const verdict = judge(found, relayHead, epoch === current);
  const rewound = rewind(log, epoch, verdict.rewindTo ?? found.acked);
  const moved = relocate(rewound.log, verdict.displaced === undefined ? [] : [verdict.displaced], current + 1);
  return { log: moved.log, changes: [...rewound.changes, ...moved.changes], findings: verdict.findings };
};

const judgeAhead = (it: EpochLog, relayHead: number, isCurrent: boolean): EpochVerdict => {
  if (!isCurrent) return { findings: [] };
  const message = `the relay holds ${relayHead} reads, this journal gave only ${it.head}; new reads go to a fresh epoch`;
  return {
    displaced: { epoch: it.epoch, fromSeq: it.head + 1 },
    findings: [{ type: 'relay-ahead', epoch: it.epoch, message }],
  };
};

const follow = (log: StreamLog, relay: RelayStream): Reconciled => {
  if (relay.epoch <= currentEpoch(log).epoch) return { log, changes: [], findings: [] };
  const target = freeEpoch(relay);
  const message = `the relay's current epoch is ${relay.epoch}; new reads go to epoch ${target}`;
  return { ...openEpoch(log, target), findings: [{ type: 'epoch-followed', epoch: target, message }] };
};
