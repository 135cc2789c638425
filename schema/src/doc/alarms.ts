import type * as Y from 'yjs';
import { z } from 'zod';
import { type DocProblem, firstIssue, problemAt, setEntry } from './doc-entry.ts';
import { alarmRoots } from './roots.ts';

/** What this version raises. Readers take any kind: one of a later version says what is wrong in its message all the same. */
export const AlarmKind = z.enum(['silence', 'unknown-chips', 'clock-offset', 'relay-conflict']);
export type AlarmKind = z.infer<typeof AlarmKind>;

/** Names what is wrong where, the same each time it is: `silence/<raceId>/<pointId>`, `relay-conflict/<streamId>/<epoch>`. */
export const AlarmId = z.string().min(1).max(400);

const At = z.int().min(0);

const StoredAlarm = z.object({
  kind: z.string().min(1).max(64),
  message: z.string().max(500),
  raisedAt: At,
  clearedAt: At.nullable(),
});

const StoredAck = z.object({ raisedAt: At, by: z.string().max(200), at: At });

/** An alarm as it is raised; times are milliseconds since the Unix epoch. */
export type RaisedAlarm = Readonly<Omit<z.infer<typeof StoredAlarm>, 'clearedAt' | 'kind'> & { kind: AlarmKind }>;

/** The last time that something was wrong. */
export interface Alarm extends Omit<RaisedAlarm, 'kind'> {
  readonly alarmId: string;
  /** An `AlarmKind`, or one of a later version. */
  readonly kind: string;
  /** Null: it still is. */
  readonly clearedAt: number | null;
  /** Who has taken notice of this raising; null: nobody yet. */
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
}

/** More are not kept: the oldest that have been cleared go first. */
export const MAX_ALARMS = 200;

const ackOf = (acks: Y.Map<unknown>, alarmId: string, raisedAt: number): Alarm['acknowledged'] => {
  const ack = StoredAck.safeParse(acks.get(alarmId));
  // of an earlier raising it says nothing about this one
  return ack.success && ack.data.raisedAt === raisedAt ? { by: ack.data.by, at: ack.data.at } : null;
};

const worstFirst = (a: Alarm, b: Alarm): number =>
  Number(a.clearedAt !== null) - Number(b.clearedAt !== null) ||
  (b.clearedAt ?? b.raisedAt) - (a.clearedAt ?? a.raisedAt) ||
  (a.alarmId < b.alarmId ? -1 : 1);

/** Raised ones first, then cleared ones, each the newest first; entries that do not parse are left out and named. */
export const readAlarms = (
  doc: Y.Doc,
): { readonly alarms: readonly Alarm[]; readonly problems: readonly DocProblem[] } => {
  const { alarms: stored, alarmAcks } = alarmRoots(doc);
  const alarms: Alarm[] = [];
  const problems: DocProblem[] = [];
  for (const [key, value] of stored.entries()) {
    const [alarmId, alarm] = [AlarmId.safeParse(key), StoredAlarm.safeParse(value)];
    if (!alarmId.success || !alarm.success) {
      problems.push(problemAt('alarms', key, alarm.success ? 'unexpected key' : firstIssue(alarm.error)));
      continue;
    }
    const { raisedAt } = alarm.data;
    alarms.push({ alarmId: key, ...alarm.data, acknowledged: ackOf(alarmAcks, key, raisedAt) });
  }
  return { alarms: alarms.sort(worstFirst).slice(0, MAX_ALARMS), problems };
};

/** Makes room: what has been cleared longest ago goes, and what nobody can read. */
const prune = (doc: Y.Doc): void => {
  const { alarms, alarmAcks } = alarmRoots(doc);
  if (alarms.size < MAX_ALARMS) return;
  const clearedAt = ([, value]: readonly [string, unknown]): number => {
    const alarm = StoredAlarm.safeParse(value);
    return alarm.success ? (alarm.data.clearedAt ?? Number.POSITIVE_INFINITY) : 0;
  };
  const oldest = [...alarms.entries()].sort((a, b) => clearedAt(a) - clearedAt(b));
  for (const [key] of oldest.slice(0, alarms.size - MAX_ALARMS + 1)) {
    alarms.delete(key);
    alarmAcks.delete(key);
  }
};

/** Raises an alarm; one that is raised already stays as it is, so this may come twice. */
export const raiseAlarm = (doc: Y.Doc, alarmId: string, alarm: RaisedAlarm): void => {
  const { alarms } = alarmRoots(doc);
  const known = StoredAlarm.safeParse(alarms.get(alarmId));
  if (known.success && known.data.clearedAt === null) return;
  doc.transact(() => {
    if (!alarms.has(alarmId)) prune(doc);
    const { kind, message, raisedAt } = alarm;
    setEntry(alarms, alarmId, { kind, message: message.slice(0, 500), raisedAt, clearedAt: null });
  });
};

/** Clears an alarm; one that is cleared already, or unknown, stays as it is. */
export const clearAlarm = (doc: Y.Doc, alarmId: string, clearedAt: number): void => {
  const { alarms } = alarmRoots(doc);
  const known = StoredAlarm.safeParse(alarms.get(alarmId));
  if (known.success && known.data.clearedAt === null) alarms.set(alarmId, { ...known.data, clearedAt });
};

/** Somebody has taken notice of the alarm as it was raised last. */
export const acknowledgeAlarm = (doc: Y.Doc, { alarmId, raisedAt }: Alarm, by: string, at: number): void => {
  setEntry(alarmRoots(doc).alarmAcks, alarmId, { raisedAt, by: by.slice(0, 200), at });
};
