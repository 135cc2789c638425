import { type Correction, type Participant, ParticipantId, type Race } from '@baton/schema/doc';
import { RaceId } from '@baton/schema/ids';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bulkTargets } from '../../../src/operator/roster/bulk-edit.ts';
import { byAgeAndSex, categoryText } from '../../../src/operator/roster/category-words.ts';
import { checkCorrection, correctionText, draftOfCorrection } from '../../../src/operator/roster/correction-draft.ts';
import { manualTimeText, parseManualTime } from '../../../src/operator/roster/manual-time.ts';
import {
  bibHolders,
  checkDraft,
  NEW_PARTICIPANT,
  newParticipantId,
  parseChipText,
} from '../../../src/operator/roster/participant-draft.ts';
import {
  EVERYBODY,
  type FilterContext,
  filterRows,
  type RosterFilter,
} from '../../../src/operator/roster/roster-filter.ts';
import {
  bibKey,
  bibTwins,
  compareRows,
  countByRace,
  fold,
  type RosterRow,
  raceOrder,
  reorder,
  rosterRow,
} from '../../../src/operator/roster/roster-row.ts';
import { rowProblems } from '../../../src/operator/roster/row-problems.ts';
import { nextIndex } from '../../../src/ui/grid-keys.ts';

const race = (id: string, categories: Race['categories'] = []): Race => ({
  raceId: RaceId.parse(id),
  name: id,
  startAt: null,
  points: [],
  categories,
});
const w40 = { categoryId: 'w40', name: 'Women 40+', sex: 'F', ageFrom: 40, ageTo: null } as const;
const ten = race('ten', [w40, { categoryId: 'open', name: 'Open', sex: null, ageFrom: null, ageTo: null }]);
const five = race('five');
const races = new Map([ten, five].map((it) => [it.raceId, it]));

const person = (id: string, more: Partial<Participant> = {}): Participant => ({
  participantId: ParticipantId.parse(id),
  ...NEW_PARTICIPANT,
  bib: id,
  raceId: ten.raceId,
  ...more,
});
const row = (
  id: string,
  more: Partial<Participant> = {},
  chips: readonly string[] = [],
  it: Correction | null = null,
) => rosterRow(person(id, more), chips, it);
const dns: Correction = { status: 'DNS', manualMs: null, reason: 'ill', author: 'Ada', at: 1 };
const bibs = (rows: readonly RosterRow[]): readonly string[] => rows.map((it) => it.participant.bib);

describe('the order of the list', () => {
  const order = raceOrder([ten, five]);
  it('is by race, then by bib as people count', () => {
    const rows = [
      row('free', { raceId: null, bib: '1' }),
      row('gone', { raceId: RaceId.parse('gone'), bib: '1' }),
      row('b', { raceId: five.raceId, bib: '1' }),
      ...['10', '9', 'A-10', 'A-2', '100'].map((bib) => row(bib)),
    ].sort(compareRows(order));
    expect(rows.map((it) => it.participant.participantId)).toEqual([
      '9',
      '10',
      '100',
      'A-2',
      'A-10',
      'b',
      'gone',
      'free',
    ]);
  });

  it('orders bibs of digits as numbers, whatever their zeros', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(bibKey(String(a)) < bibKey(String(b))).toBe(a < b);
      }),
    );
  });

  it('is the same after a change of some as after sorting all', () => {
    const any = fc.record({
      id: fc.nat({ max: 90 }),
      bib: fc.nat({ max: 40 }),
      raceId: fc.constantFrom(...races.keys(), null),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 80 }), fc.array(any, { maxLength: 80 }), (before, changes) => {
        const rowOf = ({ id, bib, raceId }: typeof any extends fc.Arbitrary<infer T> ? T : never): RosterRow =>
          row(`p${id}`, { bib: String(bib), raceId });
        const known = new Map(before.map((it) => [it.id, it]));
        const sorted = [...known.values()].map(rowOf).sort(compareRows(order));
        const fresh = new Map(changes.map((it) => [it.id, it]));
        const touched = new Set([...fresh.keys()].map((id) => `p${id}`));
        const now = reorder(
          sorted,
          (it) => touched.has(it.participant.participantId),
          [...fresh.values()].map(rowOf),
          order,
        );
        const all = [...new Map([...known, ...fresh]).values()].map(rowOf).sort(compareRows(order));
        expect(now).toEqual(all);
      }),
    );
  });

  it('finds bibs worn twice in one race, and counts by race', () => {
    const rows = [
      row('a', { bib: '1' }),
      row('b', { bib: '1' }),
      row('c', { bib: '1', raceId: five.raceId }),
      row('d'),
    ].sort(compareRows(order));
    expect([...bibTwins(rows)].sort()).toEqual(['a', 'b']);
    expect(countByRace(rows)).toEqual(
      new Map([
        [ten.raceId, 3],
        [five.raceId, 1],
      ]),
    );
  });
});

describe('the search', () => {
  const rows = [
    row('12', { firstName: 'Zoë', lastName: 'Müller', club: 'AC Århus', sex: 'F', birthYear: 1980 }, ['058003700001']),
    row('112', { lastName: 'Öztürk', category: 'open' }, [], dns),
    row('120', { lastName: 'Groß', category: 'nonsense' }),
    row('5', { lastName: 'Free', raceId: null }),
  ];
  const context: FilterContext = { races, twins: new Set(), date: '2026-05-17' };
  const find = (filter: Partial<RosterFilter>): readonly string[] =>
    bibs(filterRows(rows, { ...EVERYBODY, ...filter }, context));

  it('finds all words anywhere in bib, names and club, without regard to case and accents', () => {
    expect(find({ query: 'muller zoe' })).toEqual(['12']);
    expect(find({ query: 'MÜLLER arhus' })).toEqual(['12']);
    expect(find({ query: 'gross' })).toEqual(['120']);
    expect(find({ query: 'ozturk zoe' })).toEqual([]);
    expect(find({ query: '   ' })).toHaveLength(4);
  });

  it('puts whoever wears the bib first, then bibs that begin so', () => {
    expect(find({ query: '12' })).toEqual(['12', '120', '112']);
  });

  it('finds chips, but not by two digits of them', () => {
    expect(find({ query: '0580037000' })).toEqual(['12']);
    expect(find({ query: '58' })).toEqual([]);
  });

  it('[RT-42] filters by race, category as it counts, status and problems', () => {
    expect(find({ race: 'none' })).toEqual(['5']);
    expect(find({ race: ten.raceId })).toEqual(['12', '112', '120']);
    expect(find({ race: ten.raceId, category: 'w40' })).toEqual(['12']);
    expect(find({ race: ten.raceId, category: 'open' })).toEqual(['112']);
    expect(find({ status: 'DNS' })).toEqual(['112']);
    expect(find({ status: 'DNF' })).toEqual([]);
    expect(find({ status: 'corrected' })).toEqual(['112']);
    expect(find({ status: 'no-chip' })).toEqual(['112', '120', '5']);
    expect(find({ status: 'problems' })).toEqual(['120']);
    expect(find({ status: 'problems', query: 'free' })).toEqual([]);
  });

  it('folds letters that Unicode does not take apart', () => {
    expect(fold('Łódź Straße Ærø')).toBe('lodz strasse aero');
  });
});

it('[RT-42] names what is odd about a participant', () => {
  expect(rowProblems(row('1', { raceId: RaceId.parse('gone') }), races, new Set())).toEqual(['race-gone']);
  expect(rowProblems(row('1', { category: 'WOMEN 40+' }), races, new Set())).toEqual([]);
  expect(rowProblems(row('1', { category: 'x' }), races, new Set(['1']))).toEqual(['bib-twice', 'category-unknown']);
});

it('shows which category age and sex give', () => {
  expect(byAgeAndSex({ sex: 'F', birthYear: 1980 }, ten, '2026-05-17')).toBe('Women 40+');
  expect(byAgeAndSex({ sex: 'F', birthYear: 1990 }, ten, '2026-05-17')).toBe('Open');
  expect(byAgeAndSex({ sex: 'F', birthYear: 1980 }, { ...ten, startAt: '2019-05-17T10:00:00' }, '2026-05-17')).toBe(
    'Open',
  );
  expect(byAgeAndSex({ sex: 'F', birthYear: 1980 }, ten, null)).toBe('Open');
  expect(byAgeAndSex({ sex: null, birthYear: null }, five, '2026-05-17')).toBeNull();
  expect(categoryText(person('1', { category: 'w40' }), { races, twins: new Set(), date: null })).toBe('Women 40+');
});

describe('a time by hand', () => {
  it.each([
    ['1:02:03.4', 3_723_400],
    ['59:59', 3_599_000],
    ['2:03,25', 123_250],
    ['125:00', 7_500_000],
    [' 0:00:00.001 ', 1],
    ['277:00:00', 997_200_000],
  ])('%s is %d ms', (text, ms) => expect(parseManualTime(text)).toBe(ms));

  it.each(['', '12', '1:2', '1:75:00', '1:00:60', '1:02:03.', '1:02:03.4567', '-1:00', '1e3:00', '278:00:00', 'x'])(
    '%j is none',
    (text) => expect(parseManualTime(text)).toBeNull(),
  );

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000_000 }), (ms) => {
        expect(parseManualTime(manualTimeText(ms))).toBe(ms);
      }),
    );
  });
});

describe('[RT-42] a correction', () => {
  const author = { name: 'Ada', at: 7 };
  it('needs a status or a time, and always a reason', () => {
    expect(checkCorrection({ status: '', time: '', reason: '' }, author)).toMatchObject({
      type: 'bad',
      errors: { status: expect.any(String), reason: expect.any(String) },
    });
    expect(checkCorrection({ status: 'DNF', time: 'soon', reason: 'x' }, author)).toMatchObject({
      type: 'bad',
      errors: { time: expect.stringContaining('h:mm:ss') },
    });
  });

  it('is signed, and reads back as it was written', () => {
    const checked = checkCorrection({ status: 'DSQ', time: '1:02:03.4', reason: ' cut ' }, author);
    const correction: Correction = { status: 'DSQ', manualMs: 3_723_400, reason: 'cut', author: 'Ada', at: 7 };
    expect(checked).toEqual({ type: 'good', correction });
    expect(draftOfCorrection(correction)).toEqual({ status: 'DSQ', time: '1:02:03.4', reason: 'cut' });
    expect(correctionText(correction)).toBe('DSQ · 1:02:03.4 by hand');
    expect(correctionText(dns)).toBe('DNS');
  });
});

describe('[RT-42] the form of a participant', () => {
  const now = person('7', { firstName: 'Ada', birthYear: 1980 });
  it('writes only what was touched and differs', () => {
    expect(checkDraft(now, { club: ' AC ', firstName: 'Ada', birthYear: '' })).toMatchObject({
      type: 'good',
      changed: ['club', 'birthYear'],
      values: { club: 'AC', birthYear: null, firstName: 'Ada' },
    });
  });

  it.each([
    [{ bib: ' ' }, 'bib'],
    [{ bib: 'x'.repeat(33) }, 'bib'],
    [{ birthYear: '19' }, 'birthYear'],
    [{ birthYear: '19x' }, 'birthYear'],
    [{ sex: 'Q' }, 'sex'],
    [{ lastName: 'x'.repeat(201) }, 'lastName'],
  ])('says what it expects of %j', (draft, field) => {
    const checked = checkDraft(now, draft);
    expect(checked.type === 'bad' && Object.keys(checked.errors)).toEqual([field]);
  });

  it('knows who else of the race wears a bib, and gives a fresh id', () => {
    const rows = [row('7'), row('8', { bib: '7' }), row('9', { bib: '7', raceId: five.raceId })];
    expect(bibHolders(rows, person('7'), ParticipantId.parse('7')).map((it) => it.participantId)).toEqual(['8']);
    const roster = {
      participants: new Map([[ParticipantId.parse('ten#7'), person('ten#7')]]),
      chips: new Map(),
      corrections: new Map(),
    };
    expect(newParticipantId(roster, ten.raceId, '8')).toBe('ten#8');
    expect(newParticipantId(roster, ten.raceId, '7')).toBe('ten#7~2');
  });

  it('takes chips as readers report them', () => {
    expect(parseChipText(' 05800370000A\n')).toBe('05800370000a');
    expect(parseChipText('58003700001')).toBeNull();
    expect(parseChipText('5.8E+10')).toBeNull();
  });
});

it('[RT-42] marks DNS only where nothing was decided, and moves only who is elsewhere', () => {
  const rows = [row('1'), row('2', {}, [], dns), row('3', { raceId: five.raceId })];
  expect(bulkTargets(rows, { type: 'dns', reason: 'x' })).toEqual(['1', '3']);
  expect(bulkTargets(rows, { type: 'race', raceId: five.raceId })).toEqual(['1', '2']);
  expect(bulkTargets(rows, { type: 'category', category: 'w40' })).toEqual(['1', '2', '3']);
});

it('moves through the list by keys, and stays within it', () => {
  const keys = ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End', 'x'];
  expect(keys.map((key) => nextIndex(key, 5, 100, 10))).toEqual([6, 4, 15, 0, 0, 99, null]);
  expect(keys.map((key) => nextIndex(key, 99, 100, 10))).toEqual([99, 98, 99, 89, 0, 99, null]);
});
