import { type Poll, type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeRaces } from './list-body.ts';
import { decodeEvent, decodeOnCourse, type EventInfo, type OnCourseRow, type RaceInfo } from './public-body.ts';
import { eventPath } from './public-paths.ts';

/** What is asked for of an event while there is no feed. */
export interface AskedEvent {
  readonly event: EventInfo;
  readonly races: readonly RaceInfo[];
  readonly onCourse: readonly OnCourseRow[];
}

const EVENT_MS = 5000;
const RACES_MS = 15_000;
/** Official results do not change; the event may still be taken off. */
const FINAL_MS = 60_000;

export interface EventPolls {
  /** `final`: the results are official, nothing is in a hurry. */
  readonly start: (pace: 'polling' | 'final') => void;
  readonly refresh: () => void;
  readonly stop: () => void;
}

/** Asks for an event again and again between `start` and `stop`; tells once the event and its races are known. */
export const pollEvent = (deps: PollDeps, eventId: string, onAsked: (asked: AskedEvent) => void): EventPolls => {
  const path = eventPath(eventId);
  let polls: readonly Poll[] = [];
  let pace: 'polling' | 'final' | null = null;
  let event: EventInfo | null = null;
  let races: readonly RaceInfo[] | null = null;
  let onCourse: readonly OnCourseRow[] = [];

  const tell = (): void => {
    if (event !== null && races !== null) onAsked({ event, races, onCourse });
  };
  const every = (ms: number): number => (pace === 'final' ? FINAL_MS : ms);

  const begin = (): readonly Poll[] => [
    startPoll(deps, {
      path,
      decode: decodeEvent,
      everyMs: every(EVENT_MS),
      onChange: (live) => {
        event = live.value;
        if (live.problem === null) tell();
      },
    }),
    startPoll(deps, {
      path: `${path}/races`,
      decode: decodeRaces,
      everyMs: every(RACES_MS),
      onChange: (live) => {
        races = live.value;
        if (live.problem === null) tell();
      },
    }),
    startPoll(deps, {
      path: `${path}/oncourse?limit=200`,
      decode: decodeOnCourse,
      everyMs: every(EVENT_MS),
      onChange: (live) => {
        onCourse = live.value?.data ?? [];
        if (live.problem === null) tell();
      },
    }),
  ];

  const stop = (): void => {
    for (const it of polls) it.stop();
    polls = [];
    pace = null;
  };

  return {
    start: (wanted) => {
      if (pace === wanted) return;
      stop();
      pace = wanted;
      polls = begin();
    },
    refresh: () => {
      for (const it of polls) it.refresh();
    },
    stop,
  };
};
