import { pairFromKey, pairKey } from '@baton/schema/reads';
import { type Wall, wallMs, wallOf } from '@baton/schema/results';
import type { LiveItem, ProcessManager, Reaction, ReadItem, TickItem } from '../consumer.ts';
import { type AlarmMemory, NO_ALARMS, settleAlarms } from './alarm-memory.ts';
import { emptyMap, getAt, setAt } from './bucket-map.ts';
import { spanText } from './clock-offset.ts';
import { type Course, courseOf, type WatchedEvent, withoutCourse } from './course.ts';
import { type Expected, expectedAt, type SeenChips, seenKey } from './silence-counts.ts';

export interface SilenceState {
  readonly memory: AlarmMemory;
  readonly seen: SeenChips;
  /** Epochs (`streamId/epoch`) that were read since the last tick. */
  readonly heard: readonly string[];
  /** alarmId → since when enough are expected and nobody is read, by the ticks' clock: no forwarder's clock comes in. */
  readonly quietSince: Readonly<Record<string, number>>;
  readonly course: Course | null;
}

const TICK_MS = 10_000;
/** Reads of a chip at a mat this close are one passing for what is asked here. */
const SAME_PASSING_MS = 30_000;
/** Chips times epochs; what is beyond is not counted. */
const MAX_SEEN = 400_000;
const MAX_HEARD = 1000;

const alarmIdOf = ({ race, pointId }: Pick<Expected, 'race' | 'pointId'>): string =>
  `silence/${race.raceId}/${pointId}`;

const withSeen = (seen: SeenChips, key: string, wall: number): SeenChips => {
  const before = getAt(seen, key);
  if (before === undefined) return seen.size < MAX_SEEN ? setAt(seen, key, wall) : seen;
  return wall > before + SAME_PASSING_MS ? setAt(seen, key, wall) : seen;
};

const withRead = (state: SilenceState, read: ReadItem, wall: Wall): SilenceState => {
  const pair = pairKey(read.streamId, read.epoch);
  const isHeard = state.heard.includes(pair) || state.heard.length >= MAX_HEARD;
  const heard = isHeard ? state.heard : [...state.heard, pair];
  const shown = read.readerTime === null ? null : wallMs(read.readerTime, wall);
  const seen =
    read.chip === null || shown === null ? state.seen : withSeen(state.seen, seenKey(pair, read.chip), shown);
  return heard === state.heard && seen === state.seen ? state : { ...state, heard, seen };
};

/** Alarms of the points that were read since the last tick, by whatever chip: the mat works. */
const heardAt = ({ heard }: SilenceState, { setup }: Course): ReadonlySet<string> =>
  new Set(
    heard.flatMap((key) => {
      const pair = pairFromKey(key);
      if (pair === null) return [];
      const raceId = setup.epochRaces.get(pairKey(pair.streamId, pair.epoch));
      const race = raceId === undefined ? undefined : setup.races.get(raceId);
      const pointId = setup.streamPoints.get(pair.streamId);
      return race === undefined || pointId === undefined ? [] : [alarmIdOf({ race, pointId })];
    }),
  );

/** Where enough are expected: since when it is quiet. A point that was heard begins anew. */
const stillQuiet = (
  state: SilenceState,
  expected: readonly Expected[],
  heard: ReadonlySet<string>,
  now: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    expected.map((it) => {
      const alarmId = alarmIdOf(it);
      const since = Object.hasOwn(state.quietSince, alarmId) ? (state.quietSince[alarmId] ?? now) : now;
      // a clock that was set back must not silence it for as long
      return [alarmId, heard.has(alarmId) ? now : Math.min(since, now)];
    }),
  );

const messageOf = ({ race, name, count }: Expected, quietMs: number): string =>
  `${race.name}, ${name}: nobody was read for ${spanText(quietMs)} while ${count} are expected`;

const look = (state: SilenceState, course: Course, { now }: TickItem): Reaction<SilenceState> => {
  const { silenceOn, silenceQuietMs, silenceMinExpected } = course.setup.watch;
  const expected = silenceOn ? expectedAt(course, state.seen).filter(({ count }) => count >= silenceMinExpected) : [];
  const quietSince = stillQuiet(state, expected, heardAt(state, course), now);
  const quiet = expected.filter((it) => now - (quietSince[alarmIdOf(it)] ?? now) >= silenceQuietMs);
  const messages = new Map(quiet.map((it) => [alarmIdOf(it), messageOf(it, silenceQuietMs)]));
  const settled = settleAlarms(state.memory, { kind: 'silence', messages, known: course.setup.alarms, now });
  return { state: { ...state, heard: [], quietSince, memory: settled.memory }, commands: settled.commands };
};

/**
 * Raises an alarm when nobody is read at a timing point though people are on their way there; it is cleared when somebody is read again, or
 * no longer enough are missed. It only speaks once caught up: until then silence means nothing.
 */
export const createSilence = (facts: WatchedEvent): ProcessManager<SilenceState> => {
  const wall = wallOf(facts.timezone);
  return {
    name: 'silence',
    // the state holds times of this zone's wall
    version: `1 ${facts.timezone}`,
    tickMs: TICK_MS,
    codec: withoutCourse(),
    initial: () => ({ memory: NO_ALARMS, seen: emptyMap(), heard: [], quietSince: {}, course: null }),
    react: (state: SilenceState, item: LiveItem | TickItem) => {
      if (item.type === 'read') return { state: withRead(state, item, wall), commands: [] };
      if (item.type === 'setup') return { state: { ...state, course: courseOf(item, facts) }, commands: [] };
      return state.course === null ? { state, commands: [] } : look(state, state.course, item);
    },
  };
};
