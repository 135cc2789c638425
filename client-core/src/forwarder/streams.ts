import type { Timer, Timers } from '@baton/schema/ports';
import type { CommitQueue } from './commit-queue.ts';
import type { JournalChange, JournalContent, JournalLine } from './journal.ts';
import {
  acknowledge,
  assign,
  committed,
  createLog,
  epochOf,
  type LogStep,
  logOfStored,
  pruned,
  type StreamLog,
} from './stream-log.ts';

/** The logs of all readers, kept in step with the journal: what is decided here is queued for the disk in the same order. */
export interface Streams {
  readonly all: () => readonly StreamLog[];
  /** Throws for a reader that is not known: `ensure` it first. */
  readonly get: (reader: string) => StreamLog;
  readonly ensure: (reader: string) => void;
  /** Gives numbers to new lines and queues them. */
  readonly record: (reader: string, lines: readonly JournalLine[]) => void;
  /** Applies a decision about a log. @param onDurable called once it, and all before it, is on disk */
  readonly change: (reader: string, step: LogStep, onDurable?: () => void) => void;
  /** Notes the relay's ack. It reaches the disk a little later: what is forgotten is only sent twice. */
  readonly ack: (reader: string, epoch: number, seq: number) => void;
  readonly forget: (reader: string, epoch: number, first: number) => void;
  /** Queues the acks that are not on disk yet. */
  readonly flushAcks: () => void;
}

/** Acks of this long share one write. */
const ACK_FLUSH_MS = 1000;

export interface StreamsDeps {
  readonly queue: CommitQueue;
  readonly timers: Timers;
  /** Called after lines became durable: there is something to send. */
  readonly onDurable: () => void;
}

export const createStreams = (deps: StreamsDeps, content: JournalContent): Streams => {
  const { queue, timers } = deps;
  const logs = new Map(content.streams.map((stream) => [stream.reader, logOfStored(stream)]));
  const unsavedAcks = new Map<string, Set<number>>();
  let flush: Timer | null = null;

  const get = (reader: string): StreamLog => {
    const log = logs.get(reader);
    if (log === undefined) throw new Error(`no log of reader ${reader}`);
    return log;
  };

  const set = (log: StreamLog): void => {
    logs.set(log.reader, log);
  };

  const queueAppend = (reader: string, epoch: number, firstSeq: number, lines: readonly JournalLine[]): void =>
    queue.add([{ type: 'append', reader, epoch, firstSeq, lines }], () => {
      set(committed(get(reader), epoch, firstSeq + lines.length - 1));
      deps.onDurable();
    });

  /** How far each epoch that a decision fills by moving lines is durable, once it is on disk. */
  const filledBy = ({ log, changes }: LogStep): readonly { epoch: number; seq: number }[] =>
    changes.flatMap((change) =>
      change.type === 'move' ? { epoch: change.toEpoch, seq: epochOf(log, change.toEpoch)?.head ?? 0 } : [],
    );

  const ackChanges = (): JournalChange[] =>
    [...unsavedAcks].flatMap(([reader, epochs]) =>
      [...epochs].flatMap((epoch) => {
        const seq = epochOf(get(reader), epoch)?.acked;
        return seq === undefined ? [] : { type: 'setAcked' as const, reader, epoch, seq };
      }),
    );

  const flushAcks = (): void => {
    flush?.clear();
    flush = null;
    if (unsavedAcks.size === 0) return;
    queue.add(ackChanges());
    unsavedAcks.clear();
  };

  return {
    all: () => [...logs.values()],
    get,
    ensure: (reader) => {
      if (logs.has(reader)) return;
      const { log, changes } = createLog(reader);
      set(log);
      queue.add(changes);
    },
    record: (reader, lines) => {
      const { log, epoch, firstSeq } = assign(get(reader), lines.length);
      set(log);
      queueAppend(reader, epoch, firstSeq, lines);
    },
    change: (reader, step, onDurable) => {
      set(step.log);
      const filled = filledBy(step);
      queue.add(step.changes, () => {
        for (const { epoch, seq } of filled) set(committed(get(reader), epoch, seq));
        onDurable?.();
        deps.onDurable();
      });
    },
    ack: (reader, epoch, seq) => {
      set(acknowledge(get(reader), epoch, seq));
      unsavedAcks.set(reader, (unsavedAcks.get(reader) ?? new Set()).add(epoch));
      flush ??= timers.after(ACK_FLUSH_MS, flushAcks);
    },
    forget: (reader, epoch, first) => set(pruned(get(reader), epoch, first)),
    flushAcks,
  };
};
