import type { Alarm, AlarmKind } from '@baton/schema/doc';
import type { Command } from '../consumer.ts';

/** Which alarms a manager has raised. */
export interface AlarmMemory {
  /** Of all alarms so far: makes the keys of their commands. */
  readonly count: number;
  /** alarmId → number of its raising. */
  readonly raised: Readonly<Record<string, number>>;
}

export const NO_ALARMS: AlarmMemory = { count: 0, raised: {} };

export const isRaised = ({ raised }: AlarmMemory, alarmId: string): boolean => Object.hasOwn(raised, alarmId);

/** What ought to be raised now. */
export interface Wanted {
  readonly kind: AlarmKind;
  /** alarmId → message. */
  readonly messages: ReadonlyMap<string, string>;
  /** Alarms as the setup document has them. */
  readonly known: readonly Alarm[];
  /** ms since the Unix epoch. */
  readonly now: number;
}

/** At once; what is beyond waits for the next look. */
const MAX_RAISED = 100;

const clearing = (key: string, alarmId: string, clearedAt: number): Command => ({
  key: `${key}/clear`,
  type: 'alarm',
  payload: { edit: 'clear', args: { alarmId, clearedAt } },
});

/**
 * Commands that bring the document's alarms to what they ought to be. What the document has counts, not only what this memory
 * knows: a process that died after an edit and before its checkpoint has forgotten the edit. Edits that come twice change nothing,
 * so a document that lags is no harm.
 */
export const settleAlarms = (
  memory: AlarmMemory,
  { kind, messages, known, now }: Wanted,
): { readonly memory: AlarmMemory; readonly commands: readonly Command[] } => {
  const open = new Map(known.filter((it) => it.kind === kind && it.clearedAt === null).map((it) => [it.alarmId, it]));
  const commands: Command[] = [];
  const raised: Record<string, number> = {};
  let { count } = memory;
  for (const [alarmId, number] of Object.entries(memory.raised)) {
    if (messages.has(alarmId)) raised[alarmId] = number;
    else commands.push(clearing(`${alarmId}#${number}`, alarmId, now));
  }
  for (const [alarmId, message] of messages) {
    const isNew = !Object.hasOwn(raised, alarmId);
    if (isNew ? Object.keys(raised).length >= MAX_RAISED : open.has(alarmId)) continue;
    const number = raised[alarmId] ?? ++count;
    raised[alarmId] = number;
    const args = { alarmId, kind, message, raisedAt: now };
    commands.push({ key: `${alarmId}#${number}/raise`, type: 'alarm', payload: { edit: 'raise', args } });
  }
  for (const { alarmId, raisedAt } of open.values()) {
    const strange = !messages.has(alarmId) && !isRaised(memory, alarmId);
    if (strange) commands.push(clearing(`${alarmId}@${raisedAt}`, alarmId, now));
  }
  return { memory: commands.length === 0 ? memory : { count, raised }, commands };
};
