import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  EMPTY_ROSTER,
  EMPTY_SETUP,
  findConflicts,
  type ParticipantInput,
  participantIdFor,
  putChips,
  putParticipants,
  readRoster,
  removeParticipant,
  setCorrection,
} from '../../src/doc/index.ts';
import type { RaceId } from '../../src/ids.ts';
import { applyPlan, isEmptyPlan, planImport, planSteps } from '../../src/roster/index.ts';
import {
  content,
  FIVE,
  importInto,
  names,
  parsed,
  people,
  planned,
  planProblems,
  TEN,
  twoRaces,
} from './list-fixture.ts';

const races = twoRaces();
const id = (race: RaceId | null, bib: string) => participantIdFor(race, bib);
const chipOf = (number: number): string => number.toString(16).padStart(12, '0');

const person = (race: RaceId | null, bib: string, more: Partial<ParticipantInput> = {}): ParticipantInput => ({
  participantId: id(race, bib),
  bib,
  firstName: 'Ada',
  lastName: `Berg ${bib}`,
  raceId: race,
  ...more,
});

const docWith = (...participants: readonly ParticipantInput[]): Y.Doc => {
  const doc = new Y.Doc();
  putParticipants(doc, participants);
  return doc;
};

/** How many updates an action makes. */
const updatesOf = (doc: Y.Doc, act: () => void): readonly Uint8Array[] => {
  const updates: Uint8Array[] = [];
  const note = (update: Uint8Array): void => void updates.push(update);
  doc.on('update', note);
  act();
  doc.off('update', note);
  return updates;
};

describe('a plan', () => {
  it('tells what is added, changed, unchanged and given, and changes nothing by itself', () => {
    const doc = docWith(person(TEN, '1'), person(TEN, '2'), person(FIVE, '1'));
    putChips(doc, [[chipOf(1), id(TEN, '1')]]);
    const list = `bib,lastName,chip\n1,Berg 1,${chipOf(1)}\n2,Lind,${chipOf(2)}\n3,Dahl,\n`;
    const before = content(doc);
    const plan = planned(readRoster(doc).roster, parsed(list), { raceId: TEN }, races);
    expect(content(doc)).toEqual(before);
    expect(plan).toMatchObject({
      kind: 'participants',
      imported: 3,
      added: [{ line: 4, participant: { participantId: id(TEN, '3'), lastName: 'Dahl', firstName: '' } }],
      changed: [{ line: 3, fields: ['lastName'], before: { lastName: 'Berg 2' }, participant: { lastName: 'Lind' } }],
      unchanged: 1,
      removed: [],
      chips: { given: [{ line: 3, chip: chipOf(2), bib: '2' }], moved: [], unchanged: 1, removed: [] },
      warnings: [],
    });
    expect(isEmptyPlan(plan)).toBe(false);
  });

  it('touches only the fields it names: what others edit before it is applied stands', () => {
    const doc = docWith(person(null, '1', { club: 'Old' }), person(null, '2'));
    const plan = planned(readRoster(doc).roster, parsed('bib,club\n1,New\n2,New\n'));
    putParticipants(doc, [person(null, '1', { club: 'Old', birthYear: 1990, bib: '77' })]);
    removeParticipant(doc, id(null, '2'));
    applyPlan(doc, plan);
    expect(people(doc)).toMatchObject([
      { bib: '77', club: 'New', birthYear: 1990 },
      { bib: '2', club: 'New', lastName: 'Berg 2' },
    ]);
    expect(updatesOf(doc, () => applyPlan(doc, plan))).toEqual([]);
  });

  it('of a list that is all there already is empty, and writes nothing', () => {
    const doc = new Y.Doc();
    const list = `bib,firstName,lastName,club,sex,birthYear,category,race,chip\n1,A,B,C,F,1980,W40,10 km,${chipOf(1)}\n`;
    importInto(doc, list, {}, races);
    expect(updatesOf(doc, () => expect(isEmptyPlan(importInto(doc, list, {}, races))).toBe(true))).toEqual([]);
  });

  it('never blanks what is no column of the file, and does blank what is an empty cell', () => {
    const doc = docWith(person(null, '1', { club: 'Harriers', sex: 'F', birthYear: 1980, category: 'W40' }));
    importInto(doc, 'bib,club\n1,\n');
    expect(people(doc)).toEqual([{ ...person(null, '1', { sex: 'F', birthYear: 1980, category: 'W40' }), club: null }]);
    importInto(doc, '1,Lind,Cy\n');
    expect(people(doc)[0]).toMatchObject({ lastName: 'Lind', firstName: 'Cy', sex: 'F', birthYear: 1980 });
  });

  it('takes a whole name for the same name in parts, and for the last name when it is another', () => {
    const doc = docWith(person(null, '1'));
    expect(isEmptyPlan(importInto(doc, 'bib,name\n1,Ada Berg 1\n'))).toBe(true);
    importInto(doc, 'bib,name\n1,Bo Fjord\n');
    expect(people(doc)[0]).toMatchObject({ firstName: '', lastName: 'Bo Fjord' });
  });

  it('finds people by the bib they wear now; who wore it before keeps the id', () => {
    const doc = docWith(person(TEN, '12'));
    putParticipants(doc, [{ ...person(TEN, '12'), bib: '40' }]);
    importInto(doc, '40,Lind,Cy\n', { raceId: TEN }, races);
    expect(people(doc)).toMatchObject([{ participantId: id(TEN, '12'), bib: '40', lastName: 'Lind' }]);
    const plan = importInto(doc, '12,Dahl,Di\n', { raceId: TEN }, races);
    expect(plan.warnings).toMatchObject([{ type: 'bib-reused', line: 1 }]);
    expect(names(doc)).toEqual(['12 Di Dahl', '40 Cy Lind']);
    expect(isEmptyPlan(importInto(doc, '12,Dahl,Di\n40,Lind,Cy\n', { raceId: TEN }, races))).toBe(true);
  });

  it('keeps races apart: a bib may be in each', () => {
    const doc = docWith(person(TEN, '1'));
    importInto(doc, 'bib,name,race\n1,Cy,5 KM\n1,Ada,10  km\n', {}, races);
    expect(people(doc).map((it) => it.participantId)).toEqual([id(TEN, '1'), id(FIVE, '1')]);
  });

  it('finds a bib without a race where only one has it, prefers who has no race, and asks where several have it', () => {
    const doc = docWith(person(TEN, '1'), person(TEN, '2'), person(FIVE, '2'));
    importInto(doc, '1,Lind,Cy\n', {}, races);
    expect(people(doc)[0]).toMatchObject({ raceId: TEN, lastName: 'Lind' });
    expect(planProblems(doc, '1,Lind,Cy\n2,A,B\n', {}, races)).toEqual([
      '2: bib "2" is in 2 races: say which race is meant',
    ]);
    putParticipants(doc, [person(null, '2')]);
    importInto(doc, '2,Dahl,Di\n', {}, races);
    expect(people(doc).filter((it) => it.lastName === 'Dahl')).toMatchObject([{ raceId: null }]);
  });

  it('goes by the line where the line and the import name two races, and says so', () => {
    const doc = new Y.Doc();
    const plan = importInto(doc, 'bib,name,race\n1,A,5 km\n2,B,\n3,C,10 km\n', { raceId: TEN }, races);
    expect(people(doc).map((it) => it.raceId)).toEqual([FIVE, TEN, TEN]);
    expect(plan.warnings).toMatchObject([{ type: 'other-race', line: 2 }]);
  });

  it('finds categories by id or name in the race; without a race a category may be one to come', () => {
    const doc = new Y.Doc();
    importInto(doc, 'bib,name,category\n1,A,WOMEN 40\n2,B,m40\n3,C,\n', { raceId: TEN }, races);
    expect(people(doc).map((it) => it.category)).toEqual(['W40', 'M40', null]);
    expect(planProblems(doc, 'bib,category\n1,W40\n2,W50\n', { raceId: TEN }, races)).toEqual([
      '3: the race "10 km" has no category "W50"',
    ]);
    const plan = importInto(doc, 'bib,name,category\n9,Z,women 40\n10,Y,W50\n', {}, races);
    expect(plan.warnings).toMatchObject([{ type: 'unknown-category', line: 3 }]);
    expect(people(doc).filter((it) => it.raceId === null)).toMatchObject([{ category: 'W40' }, { category: 'W50' }]);
  });

  it('[RT-42] takes a category as it is written where the race has none to compare it with, and says so', () => {
    const doc = new Y.Doc();
    const plan = importInto(doc, 'bib,name,category\n1,A,Senior\n', { raceId: FIVE }, races);
    expect(people(doc)).toMatchObject([{ raceId: FIVE, category: 'Senior' }]);
    expect(plan.warnings).toMatchObject([{ type: 'unknown-category', line: 2 }]);
  });

  it.each([
    ['a bib twice', '1,A,B\n2,C,D\n1,E,F\n', '3: bib "1" is given twice: it is on line 1'],
    ['a race that is not there', 'bib,name,race\n1,A,marathon\n', '2: there is no race "marathon"'],
  ])('is refused with %s', (_, list, problem) => {
    expect(planProblems(new Y.Doc(), list, {}, races)).toEqual([problem]);
  });

  it('is refused where two races have the name, and for a race that is gone', () => {
    const twins = new Map([...races.races].map(([raceId, race]) => [raceId, { ...race, name: 'Run' }]));
    expect(planProblems(new Y.Doc(), 'bib,race\n1,run\n', {}, { ...races, races: twins })[0]).toContain('two races');
    expect(planProblems(new Y.Doc(), '1,A,B\n', { raceId: TEN }, EMPTY_SETUP)[0]).toContain('there is no race');
  });

  it('warns of newcomers without a name, and of bibs that two wear', () => {
    const doc = docWith(person(TEN, '1'), { ...person(TEN, '1'), participantId: id(TEN, 'other') });
    const plan = importInto(doc, 'bib,club\n1,AC\n2,AC\n', { raceId: TEN }, races);
    expect(plan.warnings.map(({ type, line }) => [type, line])).toEqual([
      ['bib-twice', 2],
      ['no-name', 3],
    ]);
  });
});

describe('a replacing list of participants', () => {
  it('removes who is not in it, of its race only; who comes back keeps chips and correction', () => {
    const doc = docWith(person(TEN, '1'), person(TEN, '2'), person(FIVE, '3'), person(null, '4'));
    putChips(doc, [
      [chipOf(1), id(TEN, '1')],
      [chipOf(2), id(TEN, '2')],
      [chipOf(3), id(FIVE, '3')],
    ]);
    for (const bib of ['1', '2']) {
      setCorrection(doc, id(TEN, bib), { status: 'DNF', manualMs: null, reason: '', author: 'kim', at: 1 });
    }
    const plan = importInto(doc, '1,Berg 1,Ada\n', { raceId: TEN, mode: 'replace' }, races);
    expect(plan.removed.map((it) => it.bib)).toEqual(['2']);
    expect(plan.chips.removed).toEqual([{ chip: chipOf(2), participantId: id(TEN, '2') }]);
    const { roster } = readRoster(doc);
    expect([...roster.participants.keys()].sort()).toEqual([id(TEN, '1'), id(FIVE, '3'), id(null, '4')].sort());
    expect([...roster.chips.keys()].sort()).toEqual([chipOf(1), chipOf(3)]);
    expect([...roster.corrections.keys()]).toEqual([id(TEN, '1')]);
  });

  it('of no race replaces the whole roster', () => {
    const doc = docWith(person(TEN, '1'), person(FIVE, '2'), person(null, '3'));
    importInto(doc, '2,Lind,Cy\n9,Dahl,Di\n', { mode: 'replace' }, races);
    expect(names(doc)).toEqual(['2 Cy Lind', '9 Di Dahl']);
  });

  it('hands the chip of somebody removed to whom the list names', () => {
    const doc = docWith(person(null, '1'), person(null, '2'));
    putChips(doc, [[chipOf(1), id(null, '1')]]);
    const plan = importInto(doc, `bib,name,chip\n2,B,${chipOf(1)}\n`, { mode: 'replace' });
    expect(plan.chips).toMatchObject({ moved: [{ from: id(null, '1'), bib: '2' }], removed: [] });
    expect([...readRoster(doc).roster.chips]).toEqual([[chipOf(1), id(null, '2')]]);
  });
});

describe('a chip list', () => {
  const chips = (...pairs: readonly (readonly [string, number])[]): string =>
    pairs.map(([bib, chip]) => `${bib},${chipOf(chip).toUpperCase()}`).join('\n');

  it('gives chips, several to one bib, and warns where one moves', () => {
    const doc = docWith(person(null, '12'), person(null, '40'));
    putChips(doc, [[chipOf(1), id(null, '12')]]);
    const plan = importInto(doc, chips(['40', 1], ['40', 2], ['12', 3]));
    expect(plan.warnings).toEqual([
      { type: 'chip-moves', line: 1, message: `chip ${chipOf(1)} moves from bib 12 to bib 40` },
    ]);
    expect(plan.chips).toMatchObject({ given: [{ bib: '40' }, { bib: '12' }], moved: [{ bib: '40' }] });
    expect([...readRoster(doc).roster.chips].sort()).toEqual([
      [chipOf(1), id(null, '40')],
      [chipOf(2), id(null, '40')],
      [chipOf(3), id(null, '12')],
    ]);
  });

  it('is refused for bibs that nobody has, in the race or at all', () => {
    const doc = docWith(person(TEN, '1'), person(FIVE, '2'));
    expect(planProblems(doc, chips(['1', 1], ['2', 2], ['3', 3]), { raceId: TEN }, races)).toEqual([
      '2: nobody of the race has bib "2": import the participants first',
      '3: nobody of the race has bib "3": import the participants first',
    ]);
    expect(planProblems(doc, chips(['1', 1], ['3', 3]), {}, races)).toHaveLength(1);
  });

  it('replacing takes the other chips of the race, or of all', () => {
    const start = (): Y.Doc => {
      const doc = docWith(person(TEN, '1'), person(TEN, '2'), person(FIVE, '3'));
      putChips(doc, [
        [chipOf(1), id(TEN, '1')],
        [chipOf(2), id(TEN, '2')],
        [chipOf(3), id(FIVE, '3')],
      ]);
      return doc;
    };
    const [one, all] = [start(), start()];
    importInto(one, chips(['1', 9]), { raceId: TEN, mode: 'replace' }, races);
    expect([...readRoster(one).roster.chips.keys()].sort()).toEqual([chipOf(3), chipOf(9)]);
    importInto(all, chips(['1', 1]), { mode: 'replace' }, races);
    expect([...readRoster(all).roster.chips.keys()]).toEqual([chipOf(1)]);
    expect(people(all)).toHaveLength(3);
  });
});

describe('two who import the same list offline', () => {
  const meet = (a: Y.Doc, b: Y.Doc): void => {
    Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
  };

  it('[P10] have one participant each for every line, in either order', () => {
    const list = `bib,firstName,lastName,chip\n1,Ada,Berg,${chipOf(1)}\n2,Bo,Fjord,${chipOf(2)}\n`;
    for (const replace of [false, true]) {
      const base = docWith(person(TEN, '2'), person(TEN, '3'));
      const [a, b] = [new Y.Doc({ gc: false }), new Y.Doc({ gc: false })];
      for (const doc of [a, b]) {
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
        importInto(doc, list, { raceId: TEN, mode: replace ? 'replace' : 'merge' }, races);
      }
      meet(a, b);
      expect(content(a)).toEqual(content(b));
      expect(names(a)).toEqual(['1 Ada Berg', '2 Bo Fjord', ...(replace ? [] : ['3 Ada Berg 3'])]);
      expect(findConflicts(a, 'roster')).toEqual([]);
    }
  });

  it('[P10] and lists that differ in two fields of one participant lose neither', () => {
    const base = docWith(person(TEN, '2', { club: 'Old' }));
    const [a, b] = [new Y.Doc(), new Y.Doc()];
    for (const doc of [a, b]) Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
    importInto(a, 'bib,club\n2,New\n', { raceId: TEN }, races);
    importInto(b, 'bib,jahrgang\n2,1990\n', { raceId: TEN }, races);
    meet(a, b);
    expect(content(a)).toEqual(content(b));
    expect(people(a)).toMatchObject([{ club: 'New', birthYear: 1990, lastName: 'Berg 2' }]);
  });
});

/** A small roster and a list against it, both of bibs 1–8 in two races, chips 1–8. */
const RACE = fc.constantFrom(TEN, FIVE, null);
const BIBS = fc.uniqueArray(
  fc.record({ bib: fc.integer({ min: 1, max: 8 }), race: RACE, club: fc.constantFrom('', 'A', 'B') }),
  {
    selector: ({ bib }) => bib,
  },
);
const ROSTER = fc.record({ people: BIBS, chips: fc.array(fc.nat({ max: 8 }), { maxLength: 5 }) });
const LIST = fc.record({ rows: BIBS, withChips: fc.boolean(), mode: fc.constantFrom('merge', 'replace') });

type RosterDraft = typeof ROSTER extends fc.Arbitrary<infer T> ? T : never;
type ListDraft = typeof LIST extends fc.Arbitrary<infer T> ? T : never;

const docOf = ({ people: draft, chips }: RosterDraft): Y.Doc => {
  const doc = docWith(
    ...draft.map(({ bib, race, club }) => person(race, `${bib}`, { club: club === '' ? null : club })),
  );
  putChips(
    doc,
    chips.flatMap((chip, index) => {
      const holder = draft[index];
      return holder === undefined ? [] : [[chipOf(chip), id(holder.race, `${holder.bib}`)] as const];
    }),
  );
  return doc;
};

const listOf = ({ rows, withChips }: ListDraft): string =>
  [
    `bib,name,club,race${withChips ? ',chip' : ''}`,
    ...rows.map(({ bib, race, club }) => `${bib},N ${bib},${club},${race ?? ''}${withChips ? `,${chipOf(bib)}` : ''}`),
  ].join('\n');

/** Plans that were not refused, each applied to a document of its own by `apply`. */
const forAnyPlan = (check: (draft: { readonly roster: RosterDraft; readonly list: ListDraft }) => void): void =>
  fc.assert(
    fc.property(
      ROSTER,
      LIST.filter(({ rows }) => rows.length > 0),
      (roster, list) => check({ roster, list }),
    ),
    { numRuns: 150 },
  );

describe('any plan', () => {
  const planFor = (doc: Y.Doc, list: ListDraft) => {
    const outcome = planImport(readRoster(doc).roster, races, parsed(listOf(list)), { mode: list.mode as 'merge' });
    return outcome.type === 'planned' ? outcome.plan : null;
  };

  it('is empty once it was applied', () => {
    let applied = 0;
    forAnyPlan(({ roster, list }) => {
      const doc = docOf(roster);
      const plan = planFor(doc, list);
      if (plan === null) return;
      applyPlan(doc, plan);
      applied++;
      const again = planFor(doc, list);
      expect(again).not.toBeNull();
      expect(again && isEmptyPlan(again)).toBe(true);
      expect(updatesOf(doc, () => applyPlan(doc, plan))).toEqual([]);
    });
    expect(applied).toBeGreaterThan(50);
  });

  it('does what it says: the numbers of people and chips add up', () => {
    forAnyPlan(({ roster, list }) => {
      const doc = docOf(roster);
      const before = readRoster(doc).roster;
      const plan = planFor(doc, list);
      if (plan === null) return;
      applyPlan(doc, plan);
      const after = readRoster(doc).roster;
      expect(after.participants.size).toBe(before.participants.size + plan.added.length - plan.removed.length);
      expect(after.chips.size).toBe(before.chips.size + plan.chips.given.length - plan.chips.removed.length);
      expect(plan.added.length + plan.changed.length + plan.unchanged).toBe(plan.imported);
      if (list.mode === 'merge') expect(plan.removed.length + plan.chips.removed.length).toBe(0);
      else expect(after.participants.size).toBe(list.rows.length);
    });
  });

  it('gives the same roster whatever it is split into', () => {
    const row = (bib: number): string => `${bib},N ${bib},${chipOf(bib)}`;
    const old = Array.from({ length: 2500 }, (_, index) => row(index + 1));
    const start = new Y.Doc();
    importInto(start, ['bib,name,chip', ...old].join('\n'));
    const fresh = Array.from({ length: 2500 }, (_, index) => row(index + 1500).replace('N', 'M'));
    const plan = planned(readRoster(start).roster, parsed(['bib,name,chip', ...fresh].join('\n')), { mode: 'replace' });
    const steps = planSteps(plan);
    expect(steps.length).toBeGreaterThan(5);
    const copies = [1, 2, steps.length].map((size) => {
      const doc = new Y.Doc();
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(start));
      for (let at = 0; at < steps.length; at += size) {
        doc.transact(() => {
          for (const step of steps.slice(at, at + size)) step(doc);
        });
      }
      return content(doc);
    });
    expect(copies[1]).toEqual(copies[0]);
    expect(copies[2]).toEqual(copies[0]);
    expect(copies[0]).toMatchObject({ participants: { length: 2500 }, chips: { length: 2500 }, problems: [] });
  });

  it('keeps each step’s update well below a mebibyte, however long the names', () => {
    const long = (bib: number): string => `${bib},${['あ', 'い', 'う'].map((it) => it.repeat(200)).join(',')}`;
    const list = ['bib,firstName,lastName,club', ...Array.from({ length: 3000 }, (_, index) => long(index + 1))];
    const doc = new Y.Doc();
    const plan = planned(EMPTY_ROSTER, parsed(list.join('\n')));
    const updates = updatesOf(doc, () => applyPlan(doc, plan));
    expect(updates.length).toBeGreaterThan(5);
    expect(Math.max(...updates.map((it) => it.length))).toBeLessThan(512 * 1024);
    expect(people(doc)).toHaveLength(3000);
  });
});
