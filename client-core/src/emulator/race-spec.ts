import { bell, noise } from './noise.ts';

/** A made-up race: who runs, where the mats lie, which readers watch them. Everything else follows from the seed. */
export interface RaceSpec {
  readonly seed: number;
  /** Reader-local start of the first wave, `YYYY-MM-DDTHH:MM:SS`. */
  readonly startAt: string;
  readonly runners: number;
  /** The field starts in so many waves, `waveGapS` seconds apart. */
  readonly waves: number;
  readonly waveGapS: number;
  readonly points: readonly RacePoint[];
  readonly readers: readonly RaceReader[];
}

export interface RacePoint {
  readonly pointId: string;
  readonly name: string;
  readonly kind: 'start' | 'split' | 'finish';
  readonly metres: number;
}

/** A reader at a point; several may watch the same mat. */
export interface RaceReader {
  readonly name: string;
  readonly pointId: string;
  /** 0–255, as its lines say it. */
  readonly readerId: number;
  /** Share of passages that it does not see. */
  readonly misses: number;
}

/** Three points, four readers (two at the finish), 300 runners. */
export const DEMO_RACE: RaceSpec = {
  seed: 20_260_510,
  startAt: '2026-05-10T10:00:00',
  runners: 300,
  waves: 10,
  waveGapS: 120,
  points: [
    { pointId: 'start', name: 'Start', kind: 'start', metres: 0 },
    { pointId: 'bridge', name: 'Bridge 2.5 km', kind: 'split', metres: 2500 },
    { pointId: 'finish', name: 'Finish', kind: 'finish', metres: 5000 },
  ],
  readers: [
    { name: 'start', pointId: 'start', readerId: 1, misses: 0.005 },
    { name: 'bridge', pointId: 'bridge', readerId: 2, misses: 0.02 },
    { name: 'finish-a', pointId: 'finish', readerId: 3, misses: 0.02 },
    { name: 'finish-b', pointId: 'finish', readerId: 4, misses: 0.05 },
  ],
};

export interface Entrant {
  readonly bib: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly club: string;
  readonly sex: 'M' | 'F';
  readonly birthYear: number;
  readonly category: string;
  /** 12 hex digits, lower case. */
  readonly chip: string;
}

const FIRST_NAMES = {
  F: 'Ada Bea Clara Dora Elin Fanny Greta Hanna Ida Jana Karin Lena Maren Nele Olga Paula Rosa Sina Tilda Wilma'.split(
    ' ',
  ),
  M: 'Anton Bruno Carl David Emil Felix Georg Hugo Ivan Jakob Karl Leon Milan Nils Otto Paul Rolf Simon Theo Viktor'.split(
    ' ',
  ),
} as const;
const LAST_NAMES =
  'Ahlgren Brandt Conti Dvorak Eklund Fischer Garcia Hansen Ivanova Jensen Kovacs Lindner Moreau Novak Olsen Petrov Quist Rossi Sorensen Tamm Urban Vogel Weiss Yilmaz Zeman'.split(
    ' ',
  );
const CLUBS = ['Harbour Runners', 'TV Oberdorf', 'AC Riverside', 'Night Owls', 'Hill Harriers', ''];

const pick = <T>(from: readonly T[], at: number): T => {
  const picked = from[Math.floor(at * from.length)];
  if (picked === undefined) throw new RangeError('picked from an empty list');
  return picked;
};

/** What a coordinate of the noise is about, so that no two questions share an answer. */
const ASK = { sex: 1, first: 2, last: 3, club: 4, age: 5, pace: 6, fade: 7, delay: 8 } as const;

const categoryOf = (sex: 'M' | 'F', age: number): string => {
  if (age < 20) return `${sex}U20`;
  return `${sex}${age < 30 ? 20 : Math.min(60, Math.floor(age / 10) * 10)}`;
};

export const chipOf = (runner: number): string => `0580${(0x0100_0000 + runner).toString(16).padStart(8, '0')}`;

/** The field, runner 1 first: bibs 1, 2, 3 … */
export const raceRoster = ({ seed, runners, startAt }: RaceSpec): readonly Entrant[] => {
  const year = Number(startAt.slice(0, 4));
  return Array.from({ length: runners }, (_, index) => {
    const runner = index + 1;
    const sex = noise(seed, runner, ASK.sex) < 0.45 ? 'F' : 'M';
    const age = Math.round(38 + bell(seed, runner, ASK.age) * 12);
    const birthYear = year - Math.max(14, Math.min(80, age));
    return {
      bib: String(runner),
      firstName: pick(FIRST_NAMES[sex], noise(seed, runner, ASK.first)),
      lastName: pick(LAST_NAMES, noise(seed, runner, ASK.last)),
      club: pick(CLUBS, noise(seed, runner, ASK.club)),
      sex,
      birthYear,
      category: categoryOf(sex, year - birthYear),
      chip: chipOf(runner),
    };
  });
};

/** The roster as CSV that the relay imports. */
export const rosterCsv = (spec: RaceSpec): string =>
  [
    'bib,firstName,lastName,club,sex,birthYear,category,chip',
    ...raceRoster(spec).map((it) =>
      [it.bib, it.firstName, it.lastName, it.club, it.sex, it.birthYear, it.category, it.chip].join(','),
    ),
    '',
  ].join('\n');

/** Milliseconds a kilometre of a runner on a fresh day. */
const paceOf = ({ seed }: RaceSpec, heat: number, runner: number): number =>
  320_000 + bell(seed, runner, ASK.pace) * 50_000 + bell(seed, heat, runner, ASK.pace) * 6000;

/** Milliseconds from the heat's beginning at which a runner passes a point. */
export const passageMs = (spec: RaceSpec, heat: number, runner: number, metres: number): number => {
  const { seed, waves, waveGapS } = spec;
  const wave = (runner - 1) % waves;
  const delay = 1000 + noise(seed, heat, runner, ASK.delay) * 35_000;
  const fade = 1 + (metres / 1000) * 0.012 * noise(seed, heat, runner, ASK.fade);
  return wave * waveGapS * 1000 + delay + (metres / 1000) * paceOf(spec, heat, runner) * fade;
};

/** A heat lasts until the slowest is in and the last late line is out; then the field starts again. */
export const heatMs = (spec: RaceSpec): number => {
  const metres = Math.max(...spec.points.map((point) => point.metres));
  return spec.waves * spec.waveGapS * 1000 + (metres / 1000) * 560_000 + 120_000;
};
