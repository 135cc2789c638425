import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  chooseVersion,
  deleteRace,
  findConflicts,
  labelStream,
  mapEpoch,
  type ParticipantInput,
  participantIdFor,
  patchRace,
  putChip,
  putParticipant,
  putRace,
  readRoster,
  readSetup,
  removeParticipant,
  setCorrection,
  setRules,
  setupRoots,
} from '../../src/doc/index.ts';
import { PointId } from '../../src/ids.ts';
import { runner as anybody, mat, raceB, raceId } from './fixtures.ts';
import { type Desk, desk, meet } from './replicas.ts';

/** Somebody of the first race. */
const runner = (bib: string, more: Partial<ParticipantInput> = {}): ParticipantInput =>
  anybody(bib, { participantId: participantIdFor(raceId, bib), raceId, ...more });
const id = (bib: string) => participantIdFor(raceId, bib);

/** Two people who begin with the same race. */
const pair = (): readonly [Desk, Desk] => {
  const [ada, ben] = [desk('Ada'), desk('Ben')];
  ada.edit((doc) => {
    putRace(doc, { raceId, name: '10 km' });
    putRace(doc, { raceId: raceB, name: '5 km' });
  });
  meet(ada, ben);
  return [ada, ben];
};

const setupConflicts = (it: Desk) => findConflicts(it.doc, 'setup');

describe('two people change one field apart', () => {
  it('keeps both values with author and time, the same on both sides', () => {
    const [ada, ben] = pair();
    ada.edit((doc) => patchRace(doc, raceId, { name: 'Ten' }), 5000);
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }), 6000);
    meet(ada, ben);
    const [conflict, ...more] = setupConflicts(ada);
    expect(more).toEqual([]);
    expect(conflict?.place).toEqual(['races', raceId, 'name']);
    const sides = [conflict?.kept, conflict?.other];
    expect(sides).toContainEqual({ value: 'Ten', author: { name: 'Ada', at: 5000 } });
    expect(sides).toContainEqual({ value: 'Zehn', author: { name: 'Ben', at: 6000 } });
    expect(readSetup(ada.doc).setup.races.get(raceId)?.name).toBe(conflict?.kept.value);
    expect(setupConflicts(ben)).toEqual(setupConflicts(ada));
  });

  it('is no conflict when one saw the other, or both wrote the same, or different fields', () => {
    const [ada, ben] = pair();
    ada.edit((doc) => patchRace(doc, raceId, { name: 'Ten' }));
    meet(ada, ben);
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
    meet(ada, ben);
    ada.edit((doc) => patchRace(doc, raceId, { name: 'Dix', startAt: '2026-03-06T10:00:00' }));
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Dix' }));
    meet(ada, ben);
    expect(setupConflicts(ada)).toEqual([]);
  });

  it('tells only the last of several edits that were made apart, and nothing when they end where they began', () => {
    const [ada, ben] = pair();
    for (const name of ['a', 'b', 'c']) ada.edit((doc) => patchRace(doc, raceId, { name }));
    for (const name of ['x', 'y']) ben.edit((doc) => patchRace(doc, raceId, { name }));
    meet(ada, ben);
    const [conflict, ...more] = setupConflicts(ada);
    expect(more).toEqual([]);
    expect([conflict?.kept.value, conflict?.other.value].sort()).toEqual(['c', 'y']);

    const [cleo, dan] = pair();
    for (const name of ['oops', '10 km']) cleo.edit((doc) => patchRace(doc, raceId, { name }));
    dan.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
    meet(cleo, dan);
    expect(setupConflicts(cleo).map((it) => it.other.value)).not.toContain('10 km');
  });

  it('finds two races for one epoch, two points of a stream, two rules, two kinds of one timing point', () => {
    const [ada, ben] = pair();
    const point = (kind: 'split' | 'finish') => [{ pointId: PointId.parse('f'), name: 'Finish', kind }];
    ada.edit((doc) => {
      mapEpoch(doc, { streamId: mat, epoch: 1 }, raceId);
      labelStream(doc, mat, 'left');
      setRules(doc, { minLapMs: 1000 });
      patchRace(doc, raceId, { points: point('split') });
    });
    ben.edit((doc) => {
      mapEpoch(doc, { streamId: mat, epoch: 1 }, raceB);
      labelStream(doc, mat, 'right');
      setRules(doc, { minLapMs: 2000 });
      patchRace(doc, raceId, { points: point('finish') });
    });
    meet(ada, ben);
    expect(
      setupConflicts(ada)
        .map((it) => it.place.join(' '))
        .sort(),
    ).toEqual(['epochRaces box-1.mat/1', `races ${raceId} points f`, 'rules minLapMs', 'streamLabels box-1.mat']);
  });

  it('finds an entry that one removed and the other changed', () => {
    const [ada, ben] = pair();
    ada.edit((doc) => mapEpoch(doc, { streamId: mat, epoch: 1 }, raceId));
    meet(ada, ben);
    ada.edit((doc) => mapEpoch(doc, { streamId: mat, epoch: 1 }, null), 7000);
    ben.edit((doc) => mapEpoch(doc, { streamId: mat, epoch: 1 }, raceB), 8000);
    meet(ada, ben);
    const [conflict] = setupConflicts(ben);
    const sides = [conflict?.kept, conflict?.other];
    expect(sides).toContainEqual({ value: null, author: { name: 'Ada', at: 7000 } });
    expect(sides).toContainEqual({ value: raceB, author: { name: 'Ben', at: 8000 } });
  });
});

describe('a conflict is decided with one choice', () => {
  const apart = (): readonly [Desk, Desk] => {
    const [ada, ben] = pair();
    ada.edit((doc) => patchRace(doc, raceId, { name: 'Ten' }));
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
    meet(ada, ben);
    return [ada, ben];
  };

  for (const choice of ['kept', 'other'] as const) {
    it(`the ${choice} value stands everywhere, and nobody is asked again`, () => {
      const [ada, ben] = apart();
      const [conflict] = setupConflicts(ada);
      if (conflict === undefined) throw new Error('expected a conflict');
      expect(chooseVersion(ada.doc, 'setup', ada.author(), conflict, choice)).toBe(true);
      meet(ada, ben);
      for (const it of [ada, ben]) {
        expect(setupConflicts(it)).toEqual([]);
        expect(readSetup(it.doc).setup.races.get(raceId)?.name).toBe(conflict[choice].value);
      }
    });
  }

  it('two who choose differently, apart, have a conflict again', () => {
    const [ada, ben] = apart();
    const [conflict] = setupConflicts(ada);
    if (conflict === undefined) throw new Error('expected a conflict');
    chooseVersion(ada.doc, 'setup', ada.author(), conflict, 'kept');
    chooseVersion(ben.doc, 'setup', ben.author(), conflict, 'other');
    meet(ada, ben);
    expect(setupConflicts(ada)).toHaveLength(1);
    expect(setupConflicts(ben)).toEqual(setupConflicts(ada));
  });
});

describe('something with parts is removed while a part is changed apart', () => {
  it('a race: it can be put back with the change, or stays away', () => {
    for (const choice of ['kept', 'other'] as const) {
      const [ada, ben] = pair();
      ada.edit((doc) => deleteRace(doc, raceId), 9000);
      ben.edit((doc) => {
        patchRace(doc, raceId, { name: 'Zehn', points: [{ pointId: PointId.parse('f'), name: 'F', kind: 'finish' }] });
        mapEpoch(doc, { streamId: mat, epoch: 2 }, raceId);
      });
      meet(ada, ben);
      const [conflict, ...more] = setupConflicts(ada);
      expect(more).toEqual([]);
      expect(conflict).toMatchObject({
        place: ['races', raceId],
        kept: { value: null, author: { name: 'Ada', at: 9000 } },
        other: { value: { name: 'Zehn' }, author: { name: 'Ben' } },
      });
      if (conflict === undefined) continue;
      expect(chooseVersion(ben.doc, 'setup', ben.author(), conflict, choice)).toBe(true);
      meet(ada, ben);
      const { setup, problems } = readSetup(ada.doc);
      expect(problems).toEqual([]);
      expect(setup.races.get(raceId)?.points.length).toBe(choice === 'kept' ? undefined : 1);
      expect(setup.epochRaces.size).toBe(choice === 'kept' ? 0 : 1);
      expect(setupConflicts(ada)).toEqual([]);
    }
  });

  it('a race that was changed before its remover saw it is simply removed', () => {
    const [ada, ben] = pair();
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
    meet(ada, ben);
    ada.edit((doc) => deleteRace(doc, raceId));
    meet(ada, ben);
    expect(setupConflicts(ben)).toEqual([]);
  });

  it('a participant: put back with the change, or removed for good', () => {
    for (const choice of ['kept', 'other'] as const) {
      const [ada, ben] = [desk('Ada'), desk('Ben')];
      ada.edit((doc) => putParticipant(doc, runner('7', { club: 'AC' })));
      meet(ada, ben);
      ada.edit((doc) => removeParticipant(doc, id('7')));
      ben.edit((doc) => putParticipant(doc, runner('7', { club: 'TV' })));
      meet(ada, ben);
      const [conflict, ...more] = findConflicts(ben.doc, 'roster');
      expect(more).toEqual([]);
      expect(conflict?.place).toEqual(['participants', id('7')]);
      expect(conflict?.other.value).toMatchObject({ bib: '7', club: 'TV' });
      if (conflict === undefined) continue;
      chooseVersion(ada.doc, 'roster', ada.author(), conflict, choice);
      meet(ada, ben);
      expect(readRoster(ben.doc).roster.participants.get(id('7'))?.club).toBe(choice === 'kept' ? undefined : 'TV');
      expect(findConflicts(ben.doc, 'roster')).toEqual([]);
      expect(readRoster(ben.doc).problems).toEqual([]);
    }
  });

  it('a correction of a participant whom another removed', () => {
    const [ada, ben] = [desk('Ada'), desk('Ben')];
    ada.edit((doc) => putParticipant(doc, runner('7')));
    meet(ada, ben);
    ada.edit((doc) => removeParticipant(doc, id('7')));
    ben.edit((doc) =>
      setCorrection(doc, id('7'), { status: 'DSQ', manualMs: null, reason: 'cut', author: 'Ben', at: 1 }),
    );
    meet(ada, ben);
    expect(findConflicts(ada.doc, 'roster').map((it) => it.place)).toEqual([['participants', id('7')]]);
  });
});

describe('roster', () => {
  it('two people change two fields of one participant: both stand; the same field: a conflict of that field', () => {
    const [ada, ben] = [desk('Ada'), desk('Ben')];
    ada.edit((doc) => putParticipant(doc, runner('7', { club: 'AC', sex: 'F' })));
    meet(ada, ben);
    ada.edit((doc) => putParticipant(doc, runner('7', { club: 'TV', sex: 'F' })));
    ben.edit((doc) => putParticipant(doc, runner('7', { club: 'AC', sex: 'F', birthYear: 1980 })));
    meet(ada, ben);
    expect(readRoster(ben.doc).roster.participants.get(id('7'))).toMatchObject({ club: 'TV', birthYear: 1980 });
    expect(findConflicts(ben.doc, 'roster')).toEqual([]);
    ada.edit((doc) => putParticipant(doc, runner('7', { club: 'One', sex: 'F', birthYear: 1980 })));
    ben.edit((doc) => putParticipant(doc, runner('7', { club: 'Two', sex: 'F', birthYear: 1980 })));
    meet(ada, ben);
    expect(findConflicts(ben.doc, 'roster').map((it) => it.place)).toEqual([['participants', id('7'), 'club']]);
  });

  it('finds one chip on two people, and one bib added twice with different names', () => {
    const [ada, ben] = [desk('Ada'), desk('Ben')];
    ada.edit((doc) => {
      putParticipant(doc, runner('1'));
      putParticipant(doc, runner('9', { lastName: 'Lovelace' }));
      putChip(doc, 'c1', id('1'));
    });
    ben.edit((doc) => {
      putParticipant(doc, runner('2'));
      putParticipant(doc, runner('9', { lastName: 'Byron' }));
      putChip(doc, 'c1', id('2'));
    });
    meet(ada, ben);
    expect(
      findConflicts(ada.doc, 'roster')
        .map((it) => it.place)
        .sort(),
    ).toEqual([
      ['chips', 'c1'],
      ['participants', id('9')],
    ]);
  });

  it('a participant who comes back begins anew, without the changes of the one before', () => {
    const ada = desk('Ada');
    ada.edit((doc) => putParticipant(doc, runner('7')));
    ada.edit((doc) => putParticipant(doc, runner('7', { club: 'TV' })));
    ada.edit((doc) => removeParticipant(doc, id('7')));
    ada.edit((doc) => putParticipant(doc, runner('7')));
    expect(readRoster(ada.doc).roster.participants.get(id('7'))?.club).toBeNull();
  });
});

describe('[P10] conflicts are a function of the document', () => {
  const step = fc.record({
    who: fc.nat(2),
    what: fc.constantFrom('name', 'label', 'map', 'unmap', 'rule', 'meet'),
    value: fc.nat(3),
  });

  const act = (it: Desk, what: string, value: number): void =>
    it.edit((doc) => {
      if (what === 'name') patchRace(doc, raceId, { name: `name ${value}` });
      if (what === 'label') labelStream(doc, mat, `label ${value}`);
      if (what === 'map') mapEpoch(doc, { streamId: mat, epoch: 1 }, value % 2 === 0 ? raceId : raceB);
      if (what === 'unmap') mapEpoch(doc, { streamId: mat, epoch: 1 }, null);
      if (what === 'rule') setRules(doc, { minLapMs: value });
    });

  it('every replica finds the same ones in any order of delivery, and choosing ends them all', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(fc.boolean(), { maxLength: 20 }), (steps, choices) => {
        const [first, second] = pair();
        const third = desk('Cleo');
        meet(first, second, third);
        const desks = [first, second, third];
        for (const { who, what, value } of steps) {
          const it = desks[who] ?? first;
          if (what === 'meet') meet(it, desks[(who + 1) % 3] ?? second);
          else act(it, what, value);
        }
        meet(...desks, ...desks);
        const found = setupConflicts(first);
        for (const it of desks) expect(setupConflicts(it)).toEqual(found);

        const stranger = new Y.Doc({ gc: false });
        Y.applyUpdate(stranger, Y.encodeStateAsUpdate(second.doc));
        expect(findConflicts(stranger, 'setup')).toEqual(found);

        for (let at = 0; at < 100; at++) {
          const [conflict] = setupConflicts(first);
          if (conflict === undefined) break;
          expect(chooseVersion(first.doc, 'setup', first.author(), conflict, choices[at] ? 'other' : 'kept')).toBe(
            true,
          );
        }
        expect(setupConflicts(first)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('values that differ and were written apart are never settled in silence', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 2, maxLength: 3 }), (values) => {
        const desks = values.map((_, at) => desk(`desk ${at}`));
        for (const [at, value] of values.entries()) desks[at]?.edit((doc) => labelStream(doc, mat, `label ${value}`));
        meet(...desks, ...desks);
        const [any] = desks;
        if (any === undefined) return;
        const kept = setupRoots(any.doc).streamLabels.get(mat);
        const told = new Set(setupConflicts(any).map((it) => it.other.value));
        for (const value of values) {
          if (`label ${value}` !== kept) expect(told).toContain(`label ${value}`);
        }
      }),
      { numRuns: 100 },
    );
  });
});
