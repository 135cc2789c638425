import { DEFAULT_WATCH } from '@baton/schema/doc';
import { type Wall, wallMs, wallOf } from '@baton/schema/results';
import type { LiveItem, ProcessManager, ReadItem, TickItem } from '../consumer.ts';
import { type AlarmMemory, isRaised, NO_ALARMS, settleAlarms } from './alarm-memory.ts';
import { type Course, courseOf, type WatchedEvent, withoutCourse } from './course.ts';
import { type RecentReads, withRecent } from './recent-reads.ts';
import { streamName } from './unknown-chips.ts';

export interface ClockOffsetState {
  readonly memory: AlarmMemory;
  /** Reader's wall time minus the wall time of receipt, in ms, of the newest reads of each stream. */
  readonly recent: RecentReads<number>;
  readonly course: Course | null;
}

const TICK_MS = 2000;

const alarmIdOf = (streamId: string): string => `clock-offset/${streamId}`;

/** Single reads that came late, from a reader's own memory, do not move it. */
export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0];
  return (low + high) / 2;
};

/** `2 h 13 min`, `4 min 2 s`, `12.5 s`. */
export const spanText = (ms: number): string => {
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 60) return `${seconds} s`;
  const whole = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
};

/** Once raised, it is cleared at half of what raised it: a clock that drifts about the limit is one alarm. */
const wantedOf = ({ recent, memory }: ClockOffsetState, course: Course): ReadonlyMap<string, string> => {
  const { clockOffsetOn, clockOffsetMs, clockOffsetReads } = course.setup.watch;
  const messages = new Map<string, string>();
  if (!clockOffsetOn) return messages;
  for (const [streamId, all] of Object.entries(recent)) {
    const offsets = all.slice(-clockOffsetReads);
    const alarmId = alarmIdOf(streamId);
    if (offsets.length < clockOffsetReads) continue;
    const offset = medianOf(offsets);
    if (Math.abs(offset) <= (isRaised(memory, alarmId) ? clockOffsetMs / 2 : clockOffsetMs)) continue;
    const way = offset > 0 ? 'ahead' : 'behind';
    messages.set(
      alarmId,
      `${streamName(course, streamId)}: the reader’s clock is ${spanText(Math.abs(offset))} ${way}`,
    );
  }
  return messages;
};

const withRead = (state: ClockOffsetState, read: ReadItem, wall: Wall): ClockOffsetState => {
  const shown = read.readerTime === null ? null : wallMs(read.readerTime, wall);
  if (shown === null) return state;
  const { clockOffsetReads } = state.course?.setup.watch ?? DEFAULT_WATCH;
  const offset = shown - wall(read.receivedAt);
  return { ...state, recent: withRecent(state.recent, read.streamId, offset, clockOffsetReads) };
};

/**
 * Raises an alarm when a reader's clock differs from the clock of the forwarder beside it, both on the event's wall. Which of the two is
 * wrong is for people to find out.
 */
export const createClockOffset = (facts: WatchedEvent): ProcessManager<ClockOffsetState> => {
  const wall = wallOf(facts.timezone);
  return {
    name: 'clock-offset',
    // the state holds times of this zone's wall
    version: `1 ${facts.timezone}`,
    tickMs: TICK_MS,
    codec: withoutCourse(),
    initial: () => ({ memory: NO_ALARMS, recent: {}, course: null }),
    react: (state: ClockOffsetState, item: LiveItem | TickItem) => {
      if (item.type === 'read') return { state: withRead(state, item, wall), commands: [] };
      if (item.type === 'setup') return { state: { ...state, course: courseOf(item, facts) }, commands: [] };
      if (state.course === null) return { state, commands: [] };
      const messages = wantedOf(state, state.course);
      const known = state.course.setup.alarms;
      const settled = settleAlarms(state.memory, { kind: 'clock-offset', messages, known, now: item.now });
      return { state: { ...state, memory: settled.memory }, commands: settled.commands };
    },
  };
};
