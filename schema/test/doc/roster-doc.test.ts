import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  Bib,
  changeParticipants,
  createRosterReader,
  EMPTY_ROSTER,
  ParticipantId,
  type ParticipantInput,
  participantIdFor,
  participantName,
  putChip,
  putChips,
  putParticipant,
  putParticipants,
  readRoster,
  removeChip,
  removeParticipant,
  removeParticipants,
  rosterRoots,
  setCorrection,
} from '../../src/doc/index.ts';
import { RaceId } from '../../src/ids.ts';

const race = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f001');
const runner = (bib: string, more: Partial<ParticipantInput> = {}): ParticipantInput => ({
  participantId: participantIdFor(race, bib),
  bib,
  firstName: 'Ada',
  lastName: `Runner ${bib}`,
  raceId: race,
  ...more,
});
const id = (bib: string): ParticipantId => participantIdFor(race, bib);

describe('roster document', () => {
  it('is empty at first', () => {
    expect(readRoster(new Y.Doc())).toEqual({ roster: EMPTY_ROSTER, problems: [] });
  });

  it('gives back participants with every field', () => {
    const doc = new Y.Doc();
    putParticipant(doc, runner('7', { club: 'AC', sex: 'F', birthYear: 1980, category: 'W40' }));
    const found = readRoster(doc).roster.participants.get(id('7'));
    expect(found).toEqual({
      participantId: id('7'),
      bib: '7',
      firstName: 'Ada',
      lastName: 'Runner 7',
      club: 'AC',
      sex: 'F',
      birthYear: 1980,
      category: 'W40',
      raceId: race,
    });
    expect(found && participantName(found)).toBe('Ada Runner 7');
  });

  it('[RT-42] changes only the fields it is given, and nobody who is gone', () => {
    const doc = new Y.Doc({ gc: false });
    putParticipants(doc, [runner('1', { club: 'AC', birthYear: 1980 }), runner('2')]);
    removeParticipant(doc, id('2'));
    changeParticipants(doc, [
      [id('1'), { club: null, bib: '11' }],
      [id('2'), { club: 'late' }],
    ]);
    const { roster, problems } = readRoster(doc);
    expect([...roster.participants.values()]).toMatchObject([{ bib: '11', club: null, birthYear: 1980 }]);
    expect([...rosterRoots(doc).participantFields.keys()].sort()).toEqual([`bib:${id('1')}`, `club:${id('1')}`]);
    expect(problems).toEqual([]);
    expect(() => changeParticipants(doc, [[id('1'), { bib: '' }]])).toThrow();
  });

  it('looks a chip up without regard to case; a chip has one holder', () => {
    const doc = new Y.Doc();
    putParticipants(doc, [runner('1'), runner('2')]);
    putChip(doc, ' 058001ABCDEF ', id('1'));
    putChip(doc, '058001abcdef', id('2'));
    expect([...readRoster(doc).roster.chips]).toEqual([['058001abcdef', id('2')]]);
    removeChip(doc, '058001ABCDEF');
    expect(readRoster(doc).roster.chips.size).toBe(0);
  });

  it('removes a participant with chips and correction', () => {
    const doc = new Y.Doc();
    putParticipants(doc, [runner('1'), runner('2')]);
    putChips(doc, [
      ['a1', id('1')],
      ['b1', id('1')],
      ['a2', id('2')],
    ]);
    setCorrection(doc, id('1'), { status: 'DNF', manualMs: null, reason: 'knee', author: 'kim', at: 1 });
    removeParticipant(doc, id('1'));
    const { roster, problems } = readRoster(doc);
    expect([...roster.participants.keys()]).toEqual([id('2')]);
    expect([...roster.chips.keys()]).toEqual(['a2']);
    expect(roster.corrections.size).toBe(0);
    expect(problems).toEqual([]);
  });

  it('takes a correction back', () => {
    const doc = new Y.Doc();
    setCorrection(doc, id('1'), { status: null, manualMs: 61_000, reason: 'video', author: 'kim', at: 1 });
    expect(readRoster(doc).roster.corrections.get(id('1'))?.manualMs).toBe(61_000);
    setCorrection(doc, id('1'), null);
    expect(readRoster(doc).roster.corrections.size).toBe(0);
  });

  it('gives one participant when two operators import the same list offline', () => {
    const [a, b] = [new Y.Doc(), new Y.Doc()];
    for (const doc of [a, b]) putParticipants(doc, [runner('1'), runner('2')]);
    Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
    expect(readRoster(a).roster.participants.size).toBe(2);
    expect(new Set(readRoster(a).roster.participants.keys())).toEqual(
      new Set(readRoster(b).roster.participants.keys()),
    );
  });

  it('leaves out and reports what does not parse', () => {
    const doc = new Y.Doc();
    putParticipant(doc, runner('1'));
    const roots = rosterRoots(doc);
    roots.participants.set('__proto__', { bib: '9', raceId: null });
    roots.participants.set('bare', 'text');
    roots.participants.set('array', [1]);
    roots.participants.set('map', new Y.Map());
    roots.participants.set('old', { bib: '', sex: 'W' });
    roots.participants.set('', { bib: '3' });
    roots.chips.set('UPPER', id('1'));
    roots.chips.set('', id('1'));
    roots.chips.set('c1', 5);
    roots.chips.set('__proto__', id('1'));
    roots.corrections.set('x', { status: 'gone', at: 1 });
    const { roster, problems } = readRoster(doc);
    expect([...roster.participants.keys()].sort()).toEqual([id('1'), '__proto__'].sort());
    expect([...roster.chips.keys()]).toEqual(['__proto__']);
    expect(roster.corrections.size).toBe(0);
    expect(problems.map((it) => `${it.root} ${it.key}`).sort()).toEqual([
      'chips ',
      'chips UPPER',
      'chips c1',
      'corrections x',
      'participants ',
      'participants array',
      'participants bare',
      'participants map',
      'participants old',
    ]);
  });

  it('refuses to write what its own reader would leave out', () => {
    const doc = new Y.Doc();
    expect(() => putParticipant(doc, runner('', { participantId: ParticipantId.parse('x') }))).toThrow();
    expect(readRoster(doc).roster.participants.size).toBe(0);
  });

  it.each(['', ' ', 'a\tb', '1\n2', '\0', 'x'.repeat(33)])('%j is no bib', (bib) => {
    expect(Bib.safeParse(bib).success).toBe(false);
  });

  it.each([
    ['17', '17'],
    [' A-17 ', 'A-17'],
    ['Ä 5', 'Ä 5'],
  ])('%j is the bib %j, and makes an id', (text, bib) => {
    expect(Bib.parse(text)).toBe(bib);
    expect(participantIdFor(race, bib)).toBe(`${race}#${bib}`);
    expect(participantIdFor(null, bib)).not.toBe(participantIdFor(race, bib));
  });

  it('stays usable with 55,000 participants: parses them once, and after an edit only what changed', () => {
    const doc = new Y.Doc();
    const runners = Array.from({ length: 55_000 }, (_, index) => runner(`${index + 1}`));
    putParticipants(doc, runners);
    putChips(
      doc,
      runners.map((it, index) => [`058${index.toString(16).padStart(9, '0')}`, ParticipantId.parse(it.participantId)]),
    );
    const read = createRosterReader();
    const before = read(doc).roster;
    putParticipant(doc, runner('55', { club: 'new' }));
    const after = read(doc).roster;
    expect(after.participants.size).toBe(55_000);
    expect(after.chips.size).toBe(55_000);
    expect(after.participants.get(id('55'))?.club).toBe('new');
    const parsedAgain = [...after.participants].filter(([key, it]) => before.participants.get(key) !== it);
    expect(parsedAgain.map(([key]) => key)).toEqual([id('55')]);
    let updates = 0;
    doc.on('update', () => {
      updates += 1;
    });
    putParticipants(doc, [...runners.slice(0, 54), runner('55', { club: 'new' }), ...runners.slice(55)]);
    expect(updates).toBe(0);
    removeParticipants(doc, new Set(after.participants.keys()));
    expect(read(doc).roster.participants.size).toBe(0);
  });
});
