import type { Point, Race } from '../doc/race.ts';
import { chipKey, type Participant, type ParticipantId, type Roster } from '../doc/roster-doc.ts';
import type { Rules } from '../doc/rules.ts';
import type { Setup } from '../doc/setup-doc.ts';
import { PointId, type RaceId } from '../ids.ts';
import { pairKey } from '../reads/clock.ts';
import { type ExternalResults, NO_EXTERNAL } from './external-results.ts';
import type { Fate } from './fate.ts';
import type { FoldRead } from './fold-read.ts';
import { type Wall, wallMs, wallOf } from './wall-time.ts';

/** What results are made of besides reads. */
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
  /** Wall time of the gun; null: none. */
  readonly gun: number | null;
  /** Whether any time can be elapsed: a gun, or a mat at the start. */
  readonly timed: boolean;
  readonly rules: Rules;
  readonly categories: Race['categories'];
  /** Year in which ages are reached. */
  readonly year: number;
  readonly roster: Roster;
  readonly external: ExternalResults;
  /** What the venue's wall shows at an instant. */
  readonly wall: Wall;
  /** Where a read belongs, or why it cannot belong anywhere. */
  readonly place: (read: FoldRead) => Place;
  /** Participants who have a row even without a read: by a correction, or by another timing system. */
  readonly listed: readonly Participant[];
}

export type Place =
  | { readonly type: 'entrant'; readonly participant: Participant; readonly wall: number; readonly point: number }
  | { readonly type: 'settled'; readonly fate: Fate; readonly point: number };

/** Without points of its own a race has one: every mapped epoch is its finish. */
const ONLY_FINISH: readonly Point[] = [{ pointId: PointId.parse('finish'), name: 'Finish', kind: 'finish' }];

const NO_POINT = -1;

type Locate = (read: FoldRead) => number | 'not-mapped' | 'no-point';

/** The index of the point at which a read was taken. A stream's point is looked up among this race's own. */
const locator = (inputs: FoldInputs, race: Race | undefined): Locate => {
  const { setup, raceId } = inputs;
  const points = race?.points ?? [];
  const indexes = new Map(points.map((point, index) => [point.pointId, index]));
  return ({ streamId, epoch }) => {
    if (setup.epochRaces.get(pairKey(streamId, epoch)) !== raceId) return 'not-mapped';
    if (points.length === 0) return 0;
    const pointId = setup.streamPoints.get(streamId);
    return (pointId === undefined ? undefined : indexes.get(pointId)) ?? 'no-point';
  };
};

/** Who carries a chip, and whether that person is in this race. */
const bearer = (inputs: FoldInputs, chip: string | null): Participant | 'unknown-chip' | 'other-race' => {
  const { participants, chips } = inputs.roster;
  const participantId = chip === null ? undefined : chips.get(chipKey(chip));
  const participant = participantId === undefined ? undefined : participants.get(participantId);
  if (participant === undefined) return 'unknown-chip';
  return participant.raceId === null || participant.raceId === inputs.raceId ? participant : 'other-race';
};

const placer =
  (inputs: FoldInputs, locate: Locate, wall: Wall): RacePlan['place'] =>
  (read) => {
    const point = locate(read);
    if (typeof point === 'string') return { type: 'settled', fate: point, point: NO_POINT };
    const time = read.readerTime === null ? null : wallMs(read.readerTime, wall);
    if (time === null) return { type: 'settled', fate: 'unparsable-time', point };
    const participant = bearer(inputs, read.chip);
    if (typeof participant === 'string') return { type: 'settled', fate: participant, point };
    return { type: 'entrant', participant, wall: time, point };
  };

/** Somebody without a race belongs to the only one there is. */
const isOfRace = (participant: Participant, inputs: FoldInputs): boolean =>
  participant.raceId === null ? inputs.setup.races.size === 1 : participant.raceId === inputs.raceId;

const correctedIn = (inputs: FoldInputs): readonly Participant[] => {
  const found: Participant[] = [];
  const add = (participantId: ParticipantId): void => {
    const participant = inputs.roster.participants.get(participantId);
    if (participant !== undefined && isOfRace(participant, inputs)) found.push(participant);
  };
  for (const participantId of inputs.roster.corrections.keys()) add(participantId);
  return found;
};

/** Stands for a bib that the roster lacks. No id of a roster begins with a control character. */
const strangerOf = (bib: string, raceId: RaceId): Participant => ({
  participantId: `\u001f${bib}` as ParticipantId,
  bib,
  firstName: '',
  lastName: '',
  club: null,
  sex: null,
  birthYear: null,
  category: null,
  raceId,
});

/** Whoever has a bib that another timing system tells of; a bib given twice has both. */
const externalIn = (inputs: FoldInputs, external: ExternalResults): readonly Participant[] => {
  const missing = new Set([...external.byBib.keys(), ...external.onCourse.keys()]);
  const told = new Set(missing);
  const found: Participant[] = [];
  if (told.size === 0) return found;
  for (const participant of inputs.roster.participants.values()) {
    const isHere = participant.raceId === null || participant.raceId === inputs.raceId;
    if (!isHere || !told.has(participant.bib)) continue;
    missing.delete(participant.bib);
    found.push(participant);
  }
  return [...found, ...[...missing].map((bib) => strangerOf(bib, inputs.raceId))];
};

export const planRace = (inputs: FoldInputs): RacePlan => {
  const race = inputs.setup.races.get(inputs.raceId);
  const wall = wallOf(inputs.timezone);
  const gun = race?.startAt == null ? null : wallMs(race.startAt, wall);
  const external = inputs.external ?? NO_EXTERNAL;
  const points = race === undefined || race.points.length === 0 ? ONLY_FINISH : race.points;
  return {
    raceId: inputs.raceId,
    points,
    gun,
    timed: gun !== null || points.some((point) => point.kind === 'start'),
    rules: inputs.setup.rules,
    categories: race?.categories ?? [],
    year: gun === null ? Number(inputs.date.slice(0, 4)) : new Date(gun).getUTCFullYear(),
    roster: inputs.roster,
    place: placer(inputs, locator(inputs, race), wall),
    external,
    wall,
    listed: [...correctedIn(inputs), ...externalIn(inputs, external)],
  };
};
