import {
  EMPTY_ROSTER,
  EMPTY_SETUP,
  type Participant,
  type ParticipantId,
  participantIdFor,
  type Race,
  type Roster,
  type Rules,
  type Setup,
} from '../../src/doc/index.ts';
import { PointId, RaceId, StreamId } from '../../src/ids.ts';
import { type PairKey, pairKey } from '../../src/reads/index.ts';
import type { FoldInputs, FoldRead } from '../../src/results/index.ts';

/** A race on 6 March 2026, gun at 10:00:00 local, with four streams at three points: two loops at the finish. */
export const raceId = RaceId.parse('race-10k');
export const otherRaceId = RaceId.parse('race-5k');
export const start = StreamId.parse('box-1.start');
export const half = StreamId.parse('box-2.half');
export const finishA = StreamId.parse('box-3.finish-a');
export const finishB = StreamId.parse('box-3.finish-b');

const point = (pointId: string, kind: 'start' | 'split' | 'finish'): Race['points'][number] => ({
  pointId: PointId.parse(pointId),
  name: pointId.toUpperCase(),
  kind,
});

export const race: Race = {
  raceId,
  name: '10 km',
  startAt: '2026-03-06T10:00:00',
  points: [point('s', 'start'), point('k5', 'split'), point('f', 'finish')],
  categories: [],
};

export const idOf = (bib: string): ParticipantId => participantIdFor(raceId, bib);

/** A chip of a bib; a runner may have several. */
export const chipOf = (bib: string, chip = 0): string => `058${chip}${bib.padStart(8, '0')}`;

export const runner = (bib: string, more: Partial<Participant> = {}): Participant => ({
  participantId: idOf(bib),
  bib,
  firstName: 'Ada',
  lastName: `N${bib}`,
  club: null,
  sex: null,
  birthYear: null,
  category: null,
  raceId,
  ...more,
});

export const rosterOf = (runners: readonly Participant[], corrections: Roster['corrections'] = new Map()): Roster => ({
  ...EMPTY_ROSTER,
  participants: new Map(runners.map((it) => [it.participantId, it])),
  chips: new Map(
    runners.flatMap((it) => [
      [chipOf(it.bib), it.participantId] as const,
      [chipOf(it.bib, 1), it.participantId] as const,
    ]),
  ),
  corrections,
});

export const setupOf = (changed: Partial<Race> = {}, rules: Partial<Rules> = {}): Setup => ({
  ...EMPTY_SETUP,
  races: new Map([
    [raceId, { ...race, ...changed }],
    [otherRaceId, { ...race, raceId: otherRaceId, name: '5 km' }],
  ]),
  epochRaces: new Map<PairKey, RaceId>(
    [start, half, finishA, finishB].map((streamId) => [pairKey(streamId, 1), raceId]),
  ),
  streamPoints: new Map([
    [start, PointId.parse('s')],
    [half, PointId.parse('k5')],
    [finishA, PointId.parse('f')],
    [finishB, PointId.parse('f')],
  ]),
  rules: { ...EMPTY_SETUP.rules, ...rules },
});

export const inputsOf = (
  bibs: readonly string[],
  changed: { readonly race?: Partial<Race>; readonly rules?: Partial<Rules>; readonly roster?: Roster } = {},
): FoldInputs => ({
  raceId,
  setup: setupOf(changed.race, changed.rules),
  roster: changed.roster ?? rosterOf(bibs.map((bib) => runner(bib))),
  timezone: 'Europe/Berlin',
  date: '2026-03-06',
});

const GUN = Date.UTC(2026, 2, 6, 10);

/** Makes reads `seconds` after the gun; numbers rise by stream as reads are made. */
export const createReads = (): ((
  streamId: StreamId,
  chip: string | null,
  seconds: number,
  more?: Partial<FoldRead>,
) => FoldRead) => {
  const heads = new Map<StreamId, number>();
  return (streamId, chip, seconds, more = {}) => {
    const seq = (heads.get(streamId) ?? 0) + 1;
    heads.set(streamId, seq);
    const at = GUN + seconds * 1000;
    return {
      streamId,
      epoch: 1,
      seq,
      chip,
      readerTime: new Date(at).toISOString().slice(0, 23),
      receivedAt: at - 3_600_000,
      kind: 'RAW',
      ...more,
    };
  };
};
