import { type Change, EMPTY_SETUP, type Participant, type Place, type Setup } from '@baton/schema/doc';
import { PointId, RaceId, StreamId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import { conflictWords } from '../../../src/operator/together/conflict-words.ts';
import { changeWords, editWords, stepWords } from '../../../src/operator/together/edit-words.ts';
import { createNames, shownText } from '../../../src/operator/together/names.ts';
import { placeTitle } from '../../../src/operator/together/place-words.ts';
import { valueWords } from '../../../src/operator/together/value-words.ts';

const [ten, five] = [RaceId.parse('ten'), RaceId.parse('five')];
const setup: Setup = {
  ...EMPTY_SETUP,
  races: new Map([
    [
      ten,
      {
        raceId: ten,
        name: '10 km',
        startAt: null,
        points: [{ pointId: PointId.parse('f'), name: 'Finish', kind: 'finish' as const }],
        categories: [],
      },
    ],
    [five, { raceId: five, name: '5 km', startAt: null, points: [], categories: [] }],
  ]),
  streamLabels: new Map([[StreamId.parse('box-1.mat'), 'Finish left']]),
};
const people: Readonly<Record<string, Partial<Participant>>> = {
  p1: { firstName: 'Ada', lastName: 'Lovelace', bib: '17' },
  p2: { firstName: '', lastName: '', bib: '18' },
};
const names = createNames(setup, (id) => (people[id] as Participant | undefined) ?? null);

const change = (place: Place, before: unknown, after: unknown): Change => ({ place, before, after });

describe('places in words', () => {
  it.each([
    [['races', 'ten'], 'Race “10 km”'],
    [['races', 'gone'], 'A race that is gone'],
    [['races', 'ten', 'name'], 'Race “10 km”: name'],
    [['races', 'ten', 'startAt'], 'Race “10 km”: gun start'],
    [['races', 'ten', 'points', 'f'], 'Race “10 km”: timing point “Finish”'],
    [['races', 'ten', 'points', 'gone'], 'Race “10 km”: timing point “gone”'],
    [['races', 'ten', 'points'], 'Race “10 km”: timing points'],
    [['races', 'ten', 'categories', 'w40'], 'Race “10 km”: category “w40”'],
    [['epochRaces', 'box-1.mat/3'], 'Epoch 3 of Finish left: race'],
    [['epochNames', 'box-2.mat/3'], 'Epoch 3 of box-2.mat: name'],
    [['epochOffsets', 'box-2.mat/3'], 'Epoch 3 of box-2.mat: clock correction'],
    [['epochRaces', 'nonsense'], 'Epoch nonsense: race'],
    [['streamLabels', 'box-1.mat'], 'Stream box-1.mat: label'],
    [['streamPoints', 'box-1.mat'], 'Stream Finish left: timing point'],
    [['forwarderRaces', 'box-1'], 'Forwarder box-1: race'],
    [['rules', 'minLapMs'], 'Rules: minimum lap'],
    [['watch', 'silenceQuietMs'], 'Silence alarm: time without a read'],
    [['watch', 'finishWebhookUrl'], 'Webhook on finish: address'],
    [['watch', '__proto__'], 'Watching: __proto__'],
    [['participants', 'p1'], 'Ada Lovelace, bib 17'],
    [['participants', 'p2', 'club'], 'Bib 18: club'],
    [['participants', 'gone', 'club'], 'Somebody who is gone: club'],
    [['chips', '0580aa'], 'Chip 0580aa: holder'],
    [['corrections', 'p1'], 'Ada Lovelace, bib 17: correction'],
    [['unknown', 'x'], 'unknown: x'],
  ] as const)('%j', (place, words) => {
    expect(placeTitle(place, names)).toBe(words);
  });

  it('calls a thing that is gone by what it was', () => {
    expect(placeTitle(['races', 'gone'], names, { name: 'Marathon' })).toBe('Race “Marathon”');
    expect(placeTitle(['participants', 'gone'], names, { bib: '9', lastName: 'Byron' })).toBe('Byron, bib 9');
  });
});

describe('values in words', () => {
  it.each([
    [['races', 'ten', 'startAt'], '2026-05-17T10:00:00', '“2026-05-17 10:00:00”'.slice(1, -1)],
    [['races', 'ten', 'points', 'f'], { name: 'F', kind: 'finish', order: 1 }, '“F” (finish, position 2)'],
    [['races', 'ten', 'points', 'f'], { name: 'F', kind: 'split', order: 0.5 }, '“F” (split, position 0.5)'],
    [['races', 'ten', 'categories', 'w'], { name: 'W40', sex: 'F', ageFrom: 40, ageTo: 44 }, '“W40” (women, 40–44)'],
    [['races', 'ten', 'categories', 'w'], { name: 'All' }, '“All”'],
    [['races', 'x'], { name: 'Marathon', points: { a: {}, b: {} } }, '“Marathon” with 2 timing points'],
    [['epochRaces', 'box-1.mat/3'], 'five', '“5 km”'],
    [['epochRaces', 'box-1.mat/3'], 'gone', 'a race that is gone'],
    [['streamPoints', 'box-1.mat'], 'f', '“Finish”'],
    [['streamPoints', 'box-1.mat'], 'x', '“x”'],
    [['rules', 'dedupWindowMs'], 5000, '5 s'],
    [['watch', 'silenceOn'], true, 'on'],
    [['watch', 'silenceOn'], false, 'off'],
    [['watch', 'silenceQuietMs'], 90_000, '90 s'],
    [['watch', 'unknownChipsPercent'], 20, '20'],
    [['watch', 'finishWebhookUrl'], 'https://a', '“https://a”'],
    [['rules', 'rankBy'], 'chip', 'net time'],
    [['rules', 'rankBy'], { a: 1 }, '{"a":1}'],
    [['participants', 'p1', 'raceId'], 'ten', '“10 km”'],
    [['participants', 'p1', 'birthYear'], 1980, '1980'],
    [['participants', 'p1', 'club'], '', 'nothing'],
    [['chips', 'c'], 'p1', 'Ada Lovelace, bib 17'],
    [['chips', 'c'], 'gone', 'somebody who is gone'],
    [['corrections', 'p1'], { status: 'DSQ', manualMs: 60_000, reason: 'cut' }, 'DSQ, time 1:00.0, “cut”'],
    [['corrections', 'p1'], 7, 'no status'],
    [['streamLabels', 'x'], null, 'nothing'],
    [['streamLabels', 'x'], undefined, 'a value that is no longer kept'],
    [['streamLabels', 'x'], 12, '12'],
  ] as const)('%j %j', (place, value, words) => {
    expect(valueWords(place, value, names)).toBe(words);
  });

  it('shows what would turn the text around or break it, and cuts', () => {
    expect(shownText('a\u202egnp.exe\u0000\n')).toBe('a�gnp.exe��');
    expect(shownText('x'.repeat(500))).toHaveLength(201);
    expect(valueWords(['streamLabels', 'x'], '<img src=x>', names)).toBe('“<img src=x>”');
  });
});

describe('changes in words', () => {
  it.each([
    [change(['races', 'ten', 'name'], '10 km', 'Ten'), 'Race “10 km”: name changed from “10 km” to “Ten”'],
    [change(['streamLabels', 'box-1.mat'], null, 'left'), 'Stream box-1.mat: label set to “left”'],
    [change(['streamLabels', 'box-1.mat'], 'left', null), 'Stream box-1.mat: label removed, was “left”'],
    [change(['epochRaces', 'box-1.mat/3'], null, 'five'), 'Epoch 3 of Finish left: assigned to “5 km”'],
    [
      change(['epochRaces', 'box-1.mat/3'], 'ten', 'five'),
      'Epoch 3 of Finish left: assigned to “5 km”, before: “10 km”',
    ],
    [change(['epochRaces', 'box-1.mat/3'], 'ten', null), 'Epoch 3 of Finish left: taken from “10 km”'],
    [change(['chips', 'c'], null, 'p1'), 'Chip c: given to Ada Lovelace, bib 17'],
    [change(['races', 'x'], { name: 'Marathon' }, null), 'Race “Marathon”: removed'],
    [change(['participants', 'p1'], null, { bib: '17' }), 'Ada Lovelace, bib 17: added'],
  ] as const)('%#', (it, words) => {
    expect(changeWords(it, names)).toBe(words);
  });

  const edit = (changes: readonly Change[], more: object = {}) => ({
    id: '1:1',
    author: null,
    kind: 'edit' as const,
    changes,
    total: changes.length,
    tally: new Map<string, number>(),
    ...more,
  });

  it('leaves out the parts of what was added or removed as a whole', () => {
    const removed = edit([
      change(['races', 'x'], { name: 'Marathon' }, null),
      change(['races', 'x', 'name'], null, 'Marathon'),
      change(['epochRaces', 'box-1.mat/3'], 'x', null),
    ]);
    expect(editWords(removed, names)).toEqual({
      head: '',
      lines: ['Race “Marathon”: removed', 'Epoch 3 of Finish left: taken from a race that is gone'],
    });
  });

  it('tells an import as numbers', () => {
    const imported = edit([change(['participants', 'p1'], null, { bib: '17' })], {
      kind: 'import',
      total: 624,
      tally: new Map([
        ['participants', 312],
        ['chips', 312],
      ]),
    });
    expect(editWords(imported, names).head).toBe('Import: 312 people and 312 chips added');
    const one = edit([change(['corrections', 'p1'], {}, null)], { total: 60, tally: new Map([['unheard', 1]]) });
    expect(editWords(one, names).head).toBe('1 entry removed');
  });

  it('says what undo would take back', () => {
    expect(stepWords({ places: [['races', 'ten', 'name']], total: 1 }, names)).toBe('Race “10 km”: name');
    expect(stepWords({ places: [['chips', 'c']], total: 1200 }, names)).toBe('Chip c: holder and 1,199 more');
    expect(stepWords({ places: [], total: 0 }, names)).toBe('your last edit');
  });
});

describe('conflicts in words', () => {
  const conflict = (place: Place, kept: unknown, other: unknown) =>
    conflictWords(
      {
        id: 'x',
        place,
        kept: { value: kept, author: { name: 'Ada', at: 1 } },
        other: { value: other, author: { name: 'Ben', at: 2 } },
        settles: [],
      },
      names,
    );

  it('two races for one epoch, and one chip on two people', () => {
    expect(conflict(['epochRaces', 'box-1.mat/3'], 'ten', 'five')).toEqual({
      title: 'Epoch 3 of Finish left: race',
      what: 'One epoch was assigned to two races.',
      kept: { value: '“10 km”', author: 'Ada', action: 'Keep this' },
      other: { value: '“5 km”', author: 'Ben', action: 'Use this instead' },
    });
    expect(conflict(['chips', '0580aa'], 'p1', 'p2')).toMatchObject({
      what: 'One chip was given to two people.',
      kept: { value: 'Ada Lovelace, bib 17' },
      other: { value: 'Bib 18' },
    });
  });

  it('a value that no peer keeps cannot be chosen', () => {
    expect(conflict(['epochRaces', 'box-1.mat/3'], 'ten', undefined).other).toEqual({
      value: 'A value that is no longer kept',
      author: 'Ben',
      action: null,
    });
  });

  it('removed and changed: leave it removed, or put it back', () => {
    expect(conflict(['races', 'gone'], null, { name: 'Marathon' })).toEqual({
      title: 'Race “Marathon”',
      what: 'Ada removed it, Ben changed it at the same time.',
      kept: { value: 'Removed', author: 'Ada', action: 'Leave it removed' },
      other: { value: '“Marathon”', author: 'Ben', action: 'Put it back' },
    });
    expect(conflict(['participants', 'p1'], { bib: '17', lastName: 'A' }, { bib: '17', lastName: 'B' }).what).toBe(
      'Ada and Ben both added it, each without the other’s.',
    );
  });
});
