import { DEFAULT_WATCH } from '@baton/schema/doc';
import { StreamId } from '@baton/schema/ids';
import type { LiveItem, ProcessManager, ReadItem, TickItem } from '../consumer.ts';
import { type AlarmMemory, isRaised, NO_ALARMS, settleAlarms } from './alarm-memory.ts';
import { bearerOf, type Course, courseOf, type WatchedEvent, withoutCourse } from './course.ts';
import { type RecentReads, withRecent } from './recent-reads.ts';

export interface UnknownChipsState {
  readonly memory: AlarmMemory;
  /** Chips of the newest reads of each stream. */
  readonly recent: RecentReads<string>;
  readonly course: Course | null;
}

const TICK_MS = 2000;

const alarmIdOf = (streamId: string): string => `unknown-chips/${streamId}`;

/** What a stream is called. */
export const streamName = ({ setup }: Course, streamId: string): string =>
  setup.streamLabels.get(StreamId.parse(streamId)) ?? streamId;

const percentUnknown = (course: Course, chips: readonly string[]): number =>
  (100 * chips.filter((chip) => bearerOf(course, chip) === null).length) / chips.length;

/** Once raised, it is cleared at half of what raised it: a share that swings about the limit is one alarm. */
const wantedOf = ({ recent, memory }: UnknownChipsState, course: Course): ReadonlyMap<string, string> => {
  const { unknownChipsOn, unknownChipsPercent, unknownChipsReads } = course.setup.watch;
  const messages = new Map<string, string>();
  if (!unknownChipsOn) return messages;
  for (const [streamId, all] of Object.entries(recent)) {
    const chips = all.slice(-unknownChipsReads);
    const alarmId = alarmIdOf(streamId);
    if (chips.length < unknownChipsReads) continue;
    const percent = percentUnknown(course, chips);
    if (percent <= (isRaised(memory, alarmId) ? unknownChipsPercent / 2 : unknownChipsPercent)) continue;
    const share = `${Math.round(percent)} % of the last ${unknownChipsReads} reads`;
    messages.set(alarmId, `${streamName(course, streamId)}: ${share} are of chips that nobody has`);
  }
  return messages;
};

const withRead = (state: UnknownChipsState, { streamId, chip }: ReadItem): UnknownChipsState => {
  if (chip === null) return state; // not a chip's read at all
  const { unknownChipsReads } = state.course?.setup.watch ?? DEFAULT_WATCH;
  return { ...state, recent: withRecent(state.recent, streamId, chip, unknownChipsReads) };
};

/**
 * Raises an alarm when too many of a stream's newest reads are of chips that nobody in the roster has: a wrong chip file, or
 * another event's runners. It is looked at on each tick, so that a chip list that was imported meanwhile clears it.
 */
export const createUnknownChips = (facts: WatchedEvent): ProcessManager<UnknownChipsState> => ({
  name: 'unknown-chips',
  version: '1',
  tickMs: TICK_MS,
  codec: withoutCourse(),
  initial: () => ({ memory: NO_ALARMS, recent: {}, course: null }),
  react: (state: UnknownChipsState, item: LiveItem | TickItem) => {
    if (item.type === 'read') return { state: withRead(state, item), commands: [] };
    if (item.type === 'setup') return { state: { ...state, course: courseOf(item, facts) }, commands: [] };
    if (state.course === null) return { state, commands: [] };
    const messages = wantedOf(state, state.course);
    const known = state.course.setup.alarms;
    const settled = settleAlarms(state.memory, { kind: 'unknown-chips', messages, known, now: item.now });
    return { state: { ...state, memory: settled.memory }, commands: settled.commands };
  },
});
