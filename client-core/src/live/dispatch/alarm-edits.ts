import { AlarmId, AlarmKind, clearAlarm, raiseAlarm } from '@baton/schema/doc';
import { z } from 'zod';
import type { DocumentEdit } from './document-edit.ts';

const At = z.int().min(0);

/** Arguments of `raise`. */
export const RaiseArgs = z.object({ alarmId: AlarmId, kind: AlarmKind, message: z.string(), raisedAt: At });
/** Arguments of `clear`. */
export const ClearArgs = z.object({ alarmId: AlarmId, clearedAt: At });

/** Edits of the setup document that raise and clear alarms, for `createDocumentEdit`; both may come twice. */
export const alarmEdits: Readonly<Record<'raise' | 'clear', DocumentEdit>> = {
  raise: (doc, args) => {
    const parsed = RaiseArgs.safeParse(args);
    if (!parsed.success) return 'expected {alarmId, kind, message, raisedAt}';
    const { alarmId, ...alarm } = parsed.data;
    raiseAlarm(doc, alarmId, alarm);
    return null;
  },
  clear: (doc, args) => {
    const parsed = ClearArgs.safeParse(args);
    if (!parsed.success) return 'expected {alarmId, clearedAt}';
    clearAlarm(doc, parsed.data.alarmId, parsed.data.clearedAt);
    return null;
  },
};
