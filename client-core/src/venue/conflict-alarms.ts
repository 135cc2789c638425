import { type AlarmKind, clearAlarm, raiseAlarm, readAlarms, setupDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import type { Clock, Log, Timers } from '@baton/schema/ports';
import type { Pair } from '@baton/schema/reads';
import type * as Y from 'yjs';
import type { FollowDoc } from '../doc/doc-client.ts';
import { createDocumentEdit } from '../live/dispatch/document-edit.ts';

/** Two relays hold different reads under one number. */
export interface RelayConflict extends Pair {
  /** The first number compared under which they differ; null: it is the hashes of the sealed epoch that tell. */
  readonly seq: number | null;
}

/** What the link knows of differences now. */
export interface ConflictReport {
  readonly conflicts: readonly RelayConflict[];
  /** What both relays have grown by was compared: reads that are not in `conflicts` are the same at both. */
  readonly isComplete: boolean;
  /** Epochs that both have sealed, to one hash. */
  readonly sealedAlike: readonly Pair[];
}

/** Tells the operators at both relays. */
export interface ConflictAlarms {
  /** Brings the alarms to what is so; to be called again and again. */
  readonly settle: (report: ConflictReport) => void;
  readonly close: () => void;
}

export interface ConflictAlarmsDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** Opens documents of the relay here; the link brings what is written there to the other. */
  readonly followDoc: FollowDoc;
}

const KIND: AlarmKind = 'relay-conflict';
/** An alarm for each; what is beyond has the same cause. */
const MAX_ALARMS = 20;

const readsAlarm = ({ streamId, epoch }: Pair): string => `${KIND}/${streamId}/${epoch}`;
/** An alarm of its own: comparing the newest reads does not take it back. */
const sealAlarm = (pair: Pair): string => `${readsAlarm(pair)}/seal`;

const alarmIdOf = (it: RelayConflict): string => (it.seq === null ? sealAlarm(it) : readsAlarm(it));

const messageOf = ({ streamId, epoch, seq }: RelayConflict): string =>
  `${streamId}, epoch ${epoch}: the relay at the venue and the one elsewhere hold different reads${seq === null ? '' : ` from number ${seq} on`}. ` +
  'Two devices have one identity: stop one, begin the next epoch, and compare both exports of this one.';

/** Changes the document's alarms to what is so; what is so already stays as it is. */
export const settleConflictAlarms = (doc: Y.Doc, report: ConflictReport, now: number): void => {
  const wanted = new Map(report.conflicts.slice(0, MAX_ALARMS).map((it) => [alarmIdOf(it), messageOf(it)]));
  const alike = new Set(report.sealedAlike.map(sealAlarm));
  const isOver = (alarmId: string): boolean => alike.has(alarmId) || (report.isComplete && !alarmId.endsWith('/seal'));
  doc.transact(() => {
    for (const [alarmId, message] of wanted) raiseAlarm(doc, alarmId, { kind: KIND, message, raisedAt: now });
    for (const { alarmId, kind, clearedAt } of readAlarms(doc).alarms) {
      if (kind === KIND && clearedAt === null && !wanted.has(alarmId) && isOver(alarmId)) clearAlarm(doc, alarmId, now);
    }
  });
};

export const createConflictAlarms = (deps: ConflictAlarmsDeps, eventId: EventId): ConflictAlarms => {
  const { clock, timers, log, followDoc } = deps;
  const document = setupDocName(eventId);
  const end = new AbortController();
  /** What the document was brought to; null: nothing yet, and an alarm of an earlier link may be over. */
  let settled: { readonly wanted: string; readonly isComplete: boolean } | null = null;
  let isBusy = false;

  /** The document is opened for the edit and closed again: conflicts are rare. */
  const edit = async (report: ConflictReport): Promise<string | null> => {
    const settleIn = (doc: Y.Doc): null => {
      settleConflictAlarms(doc, report, clock.now());
      return null;
    };
    const editor = createDocumentEdit({ timers, followDoc }, { document, edits: { settle: settleIn } });
    try {
      const command = { key: 'settle', type: 'alarm', payload: { edit: 'settle', args: null } };
      const done = await editor.dispatch(command, end.signal);
      return done.ok ? null : done.error.message;
    } finally {
      editor.close();
    }
  };

  const settle = async (report: ConflictReport, wanted: string): Promise<void> => {
    isBusy = true;
    const failure = await edit(report);
    isBusy = false;
    if (failure === null) settled = { wanted, isComplete: report.isComplete };
    else if (!end.signal.aborted)
      log.warn('an alarm could not be told; it is tried again', { eventId, cause: failure });
  };

  /** Until all is compared a difference that is not seen says nothing: only one more is news. */
  const isNews = (wanted: string, { isComplete }: ConflictReport): boolean => {
    if (wanted !== settled?.wanted) return isComplete || wanted !== '';
    return isComplete && !settled.isComplete;
  };

  return {
    settle: (report) => {
      const wanted = report.conflicts.map(alarmIdOf).sort().join(' ');
      if (isBusy || end.signal.aborted || !isNews(wanted, report)) return;
      settle(report, wanted).catch((error: unknown) => {
        isBusy = false;
        log.error('an alarm got lost', { eventId, cause: String(error) });
      });
    },
    close: () => end.abort(),
  };
};
