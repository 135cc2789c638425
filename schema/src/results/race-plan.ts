import type { Point, Race } from '../doc/race.ts';
import { chipKey, type Participant, type ParticipantId, type Roster } from '../doc/roster-doc.ts';
import type { Rules } from '../doc/rules.ts';
import type { Setup } from '../doc/setup-doc.ts';
import { PointId, type RaceId, type StreamId } from '../ids.ts';
import { pairKey } from '../reads/clock.ts';
import { type ExternalResults, NO_EXTERNAL } from './external-results.ts';
import { type VenueClock, venueClock } from './venue-clock.ts';
import { wallMs, wallOf } from './wall-time.ts';

/** What results are made of besides reads. A fold keeps what it was given: nothing in it may change later. */
export interface FoldInputs {
  readonly raceId: RaceId;
  readonly setup: Setup;
  readonly roster: Roster;
  /** The event's IANA zone; `isTimezone` must hold. */
  readonly timezone: string;
  /** The event's day, `YYYY-MM-DD`: its year gives ages where the race has no start. */
  readonly date: string;
  /** What other timing systems said of this race. */
  readonly external?: ExternalResults;
}

/** The inputs as the fold needs them for each read. */
export interface RacePlan {
  readonly raceId: RaceId;
  readonly points: readonly Point[];
  /** Wall time of the gun, by the venue's clock; null: none. */
  readonly gun: number | null;
  /** Whether any time can be elapsed: a gun, or a mat at the start. */
  readonly timed: boolean;
  readonly rules: Rules;
  readonly categories: Race['categories'];
  /** Year in which ages are reached. */
  readonly year: number;
  readonly roster: Roster;
  readonly external: ExternalResults;
  readonly clock: VenueClock;
  /** Index of the point at which an epoch was read, among this race's own; or why it was at none. */
  readonly pointOf: (streamId: StreamId, epoch: number) => number | 'not-mapped' | 'no-point';
  /** Who carries a chip, and whether that person may be in this race. */
  readonly bearerOf: (chip: string) => Participant | 'unknown-chip' | 'other-race';
}

/** Without points of its own a race has one: every mapped epoch is its finish. */
const ONLY_FINISH: readonly Point[] = [{ pointId: PointId.parse('finish'), name: 'Finish', kind: 'finish' }];

const locator = ({ setup, raceId }: FoldInputs, race: Race | undefined): RacePlan['pointOf'] => {
  const points = race?.points ?? [];
  const indexes = new Map(points.map((point, index) => [point.pointId, index]));
  return (streamId, epoch) => {
    if (setup.epochRaces.get(pairKey(streamId, epoch)) !== raceId) return 'not-mapped';
    if (points.length === 0) return 0;
    const pointId = setup.streamPoints.get(streamId);
    return (pointId === undefined ? undefined : indexes.get(pointId)) ?? 'no-point';
  };
};

/** Whether somebody is in a race, or may be: who has none takes part in whatever race their chip is read in. */
export const mayBeIn = (participant: Participant, raceId: RaceId): boolean =>
  participant.raceId === null || participant.raceId === raceId;

const bearer =
  ({ roster: { participants, chips }, raceId }: FoldInputs): RacePlan['bearerOf'] =>
  (chip) => {
    const participantId = chips.get(chipKey(chip));
    const participant = participantId === undefined ? undefined : participants.get(participantId);
    if (participant === undefined) return 'unknown-chip';
    return mayBeIn(participant, raceId) ? participant : 'other-race';
  };

export const planRace = (inputs: FoldInputs): RacePlan => {
  const race = inputs.setup.races.get(inputs.raceId);
  const clock = venueClock(inputs.timezone, inputs.date);
  const start = race?.startAt == null ? null : wallMs(race.startAt, wallOf(inputs.timezone));
  const points = race === undefined || race.points.length === 0 ? ONLY_FINISH : race.points;
  return {
    raceId: inputs.raceId,
    points,
    gun: start === null ? null : start - clock.base,
    timed: start !== null || points.some((point) => point.kind === 'start'),
    rules: inputs.setup.rules,
    categories: race?.categories ?? [],
    year: start === null ? Number(inputs.date.slice(0, 4)) : new Date(start).getUTCFullYear(),
    roster: inputs.roster,
    external: inputs.external ?? NO_EXTERNAL,
    clock,
    pointOf: locator(inputs, race),
    bearerOf: bearer(inputs),
  };
};

/** Somebody without a race belongs to the only one there is. */
const isOfRace = (participant: Participant, { setup, raceId }: FoldInputs): boolean =>
  participant.raceId === null ? setup.races.size === 1 : participant.raceId === raceId;

/** Whether somebody has a row even without a read: by a correction, or by another timing system. */
export const isListed = (participant: Participant, inputs: FoldInputs): boolean => {
  if (inputs.roster.corrections.has(participant.participantId) && isOfRace(participant, inputs)) return true;
  return mayBeIn(participant, inputs.raceId) && isTold(participant.bib, inputs);
};

/** Whether another timing system tells of a bib. */
export const isTold = (bib: string, { external }: FoldInputs): boolean =>
  external !== undefined && (external.byBib.has(bib) || external.onCourse.has(bib));

/** No id of a roster begins with a control character. */
export const strangerId = (bib: string): ParticipantId => `\u001f${bib}` as ParticipantId;

/** Stands for a bib that another timing system tells of and the roster lacks. */
export const strangerOf = (bib: string, raceId: RaceId): Participant => ({
  participantId: strangerId(bib),
  bib,
  firstName: '',
  lastName: '',
  club: null,
  sex: null,
  birthYear: null,
  category: null,
  raceId,
});
