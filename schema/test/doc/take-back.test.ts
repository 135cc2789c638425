import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  canTakeBack,
  chooseVersion,
  createUndo,
  deleteRace,
  type Edit,
  findConflicts,
  labelStream,
  mapEpoch,
  patchRace,
  putChip,
  putParticipant,
  putRace,
  readHistory,
  readRoster,
  readSetup,
  removeParticipant,
  type SharedDoc,
  takeBack,
} from '../../src/doc/index.ts';
import { PointId, RaceId } from '../../src/ids.ts';
import { id, mat, raceId, runner } from './fixtures.ts';
import { type Desk, desk, meet } from './replicas.ts';

const newest = (it: Desk, kind: SharedDoc = 'setup'): Edit => {
  const [edit] = readHistory(it.doc, kind);
  if (edit === undefined) throw new Error('there is no edit');
  return edit;
};

const pair = (origin: unknown = 'page'): readonly [Desk, Desk] => {
  const [ada, ben] = [desk('Ada', origin), desk('Ben')];
  ada.edit((doc) => putRace(doc, { raceId, name: '10 km', points: [] }));
  meet(ada, ben);
  return [ada, ben];
};

describe('taking back an edit of the history', () => {
  it('sets the field to what it was, as a new edit, whoever made the first', () => {
    const [ada, ben] = pair();
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }), 50_000);
    meet(ada, ben);
    expect(takeBack(ada.doc, 'setup', ada.author(60_000), newest(ada))).toBe(1);
    meet(ada, ben);
    expect(readSetup(ben.doc).setup.races.get(raceId)?.name).toBe('10 km');
    expect(newest(ben)).toMatchObject({
      author: { name: 'Ada' },
      kind: 'undo',
      changes: [{ place: ['races', raceId, 'name'], before: 'Zehn', after: '10 km' }],
    });
    expect(findConflicts(ben.doc, 'setup')).toEqual([]);
  });

  it('leaves what has been changed since', () => {
    const [ada] = pair();
    ada.edit((doc) => patchRace(doc, raceId, { name: 'Ten', startAt: '2026-03-06T10:00:00' }), 50_000);
    const edit = newest(ada);
    ada.edit((doc) => patchRace(doc, raceId, { name: 'Dix' }));
    expect(takeBack(ada.doc, 'setup', ada.author(), edit)).toBe(1);
    expect(readSetup(ada.doc).setup.races.get(raceId)).toMatchObject({ name: 'Dix', startAt: null });
    const state = Y.encodeStateAsUpdate(ada.doc);
    expect(takeBack(ada.doc, 'setup', ada.author(), edit)).toBe(0);
    expect(Y.encodeStateAsUpdate(ada.doc)).toEqual(state);
  });

  it('takes away what was new, and puts back what was removed', () => {
    const [ada] = pair();
    ada.edit((doc) => labelStream(doc, mat, 'left'), 50_000);
    takeBack(ada.doc, 'setup', ada.author(60_000), newest(ada));
    expect(readSetup(ada.doc).setup.streamLabels.size).toBe(0);
    takeBack(ada.doc, 'setup', ada.author(), newest(ada));
    expect(readSetup(ada.doc).setup.streamLabels.get(mat)).toBe('left');
  });

  it('puts a removed race back with its points and epochs, and a participant with fields and chips', () => {
    const [ada] = pair();
    ada.edit((doc) => {
      patchRace(doc, raceId, { points: [{ pointId: PointId.parse('f'), name: 'F', kind: 'finish' }] });
      mapEpoch(doc, { streamId: mat, epoch: 1 }, raceId);
    });
    const { setup } = readSetup(ada.doc);
    ada.edit((doc) => deleteRace(doc, raceId), 50_000);
    expect(takeBack(ada.doc, 'setup', ada.author(), newest(ada))).toBe(2);
    expect(readSetup(ada.doc)).toEqual({ setup, problems: [] });

    const ben = desk('Ben');
    ben.edit((doc) => {
      putParticipant(doc, runner('7'));
      putChip(doc, 'c7', id('7'));
    });
    ben.edit((doc) => putParticipant(doc, runner('7', { club: 'TV' })));
    const { roster } = readRoster(ben.doc);
    ben.edit((doc) => removeParticipant(doc, id('7')), 50_000);
    expect(takeBack(ben.doc, 'roster', ben.author(), newest(ben, 'roster'))).toBe(3);
    expect(readRoster(ben.doc).roster).toEqual(roster);
  });

  it('is not offered for a new race, a new participant, more than is listed, or values that nobody keeps', () => {
    const [ada] = pair();
    expect(canTakeBack(newest(ada))).toBe(false);
    expect(takeBack(ada.doc, 'setup', ada.author(), newest(ada))).toBe(0);
    ada.edit((doc) => labelStream(doc, mat, 'left'), 50_000);
    const edit = newest(ada);
    expect(canTakeBack(edit)).toBe(true);
    expect(canTakeBack({ ...edit, total: 51 })).toBe(false);
    expect(canTakeBack({ ...edit, changes: edit.changes.map((it) => ({ ...it, before: undefined })) })).toBe(false);
    expect(canTakeBack({ ...edit, changes: [], total: 0 })).toBe(false);
  });
});

describe('steps of undo', () => {
  it('tell what they changed, the whole before its parts, bounded', () => {
    const ada = desk('Ada', 'page');
    const undo = createUndo(ada.doc, 'setup', 'page');
    expect(undo.next()).toBeNull();
    ada.edit((doc) => putRace(doc, { raceId, name: '10 km' }));
    expect(undo.next()).toEqual({ places: [['races', raceId]], total: 1 });
    ada.edit((doc) => patchRace(doc, raceId, { points: [{ pointId: PointId.parse('f'), name: 'F', kind: 'finish' }] }));
    expect(undo.next()?.places).toEqual([['races', raceId, 'points', 'f']]);
    const roster = createUndo(ada.doc, 'roster', 'page');
    ada.edit((doc) => {
      for (let bib = 0; bib < 40; bib++) putParticipant(doc, runner(`${bib}`));
    });
    expect(roster.next()).toMatchObject({ total: 40 });
    expect(roster.next()?.places).toHaveLength(5);
    ada.edit((doc) => putParticipant(doc, runner('7', { club: 'TV' })));
    expect(roster.next()?.places).toEqual([['participants', id('7'), 'club']]);
    const step = roster.next();
    roster.undo(ada.author());
    expect(roster.nextRedo()?.places).toEqual([['participants', id('7'), 'club']]);
    expect(roster.next()).not.toBe(step);
  });

  it('go one at a time, also where others have written over the newest', () => {
    const [ada, ben] = pair();
    const undo = createUndo(ada.doc, 'setup', 'page');
    ada.edit((doc) => labelStream(doc, mat, 'left'));
    ada.edit((doc) => patchRace(doc, raceId, { name: 'Ten' }));
    meet(ada, ben);
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
    meet(ada, ben);
    expect(undo.undo(ada.author())).toBe(false);
    expect(readSetup(ada.doc).setup.streamLabels.get(mat)).toBe('left');
    expect(undo.undo(ada.author())).toBe(true);
    expect(readSetup(ada.doc).setup.streamLabels.size).toBe(0);
    expect(readSetup(ada.doc).setup.races.get(raceId)?.name).toBe('Zehn');
  });

  it('forget what could be put back when told so', () => {
    const [ada] = pair();
    const undo = createUndo(ada.doc, 'setup', 'page');
    ada.edit((doc) => labelStream(doc, mat, 'left'));
    undo.undo(ada.author());
    undo.forgetRedo();
    expect(undo.nextRedo()).toBeNull();
    expect(undo.redo(ada.author())).toBe(false);
  });
});

describe('[P10] undo passes a change of another', () => {
  it('a new label taken back, and changed: a conflict', () => {
    const [ada, ben] = pair();
    const undo = createUndo(ada.doc, 'setup', 'page');
    ada.edit((doc) => labelStream(doc, mat, 'left'));
    meet(ada, ben);
    undo.undo(ada.author(70_000));
    ben.edit((doc) => labelStream(doc, mat, 'right'));
    meet(ada, ben);
    const [conflict, ...more] = findConflicts(ben.doc, 'setup');
    expect(more).toEqual([]);
    const sides = [conflict?.kept, conflict?.other];
    expect(sides).toContainEqual({ value: null, author: { name: 'Ada', at: 70_000 } });
    expect(sides).toContainEqual({ value: 'right', author: expect.objectContaining({ name: 'Ben' }) });
  });

  it('a new race taken back, and changed: it can be put back with the change', () => {
    const [ada, ben] = [desk('Ada', 'page'), desk('Ben')];
    const undo = createUndo(ada.doc, 'setup', 'page');
    ada.edit((doc) => putRace(doc, { raceId, name: '10 km' }));
    meet(ada, ben);
    undo.undo(ada.author());
    expect(undo.redo(ada.author())).toBe(true);
    expect(readSetup(ada.doc).setup.races.get(raceId)?.name).toBe('10 km');
    undo.undo(ada.author());
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
    meet(ada, ben);
    expect(readSetup(ben.doc).setup.races.size).toBe(0);
    expect(findConflicts(ben.doc, 'setup')).toMatchObject([
      { place: ['races', raceId], kept: { value: null, author: { name: 'Ada' } }, other: { value: { name: 'Zehn' } } },
    ]);
  });

  it('the history tells what an undo took away', () => {
    const ada = desk('Ada', 'page');
    const undo = createUndo(ada.doc, 'setup', 'page');
    ada.edit((doc) => labelStream(doc, mat, 'left'));
    undo.undo(ada.author());
    expect(newest(ada)).toMatchObject({
      kind: 'undo',
      changes: [{ place: ['streamLabels', mat], before: 'left', after: null }],
    });
  });

  it('a race removed and put back at once, and renamed meanwhile: the new name is not lost', () => {
    for (const choice of ['kept', 'other'] as const) {
      const [ada, ben] = pair();
      const undo = createUndo(ada.doc, 'setup', 'page');
      ada.edit((doc) => deleteRace(doc, raceId));
      undo.undo(ada.author());
      ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
      meet(ada, ben);
      const [conflict, ...more] = findConflicts(ben.doc, 'setup');
      expect(more).toEqual([]);
      expect(conflict).toMatchObject({
        place: ['races', raceId, 'name'],
        kept: { value: '10 km', author: { name: 'Ada' } },
        other: { value: 'Zehn', author: { name: 'Ben' } },
      });
      if (conflict === undefined) continue;
      chooseVersion(ben.doc, 'setup', ben.author(), conflict, choice);
      meet(ada, ben);
      expect(readSetup(ada.doc).setup.races.get(raceId)?.name).toBe(conflict[choice].value);
      expect(findConflicts(ada.doc, 'setup')).toEqual([]);
    }
  });

  it('a new race taken back goes with the epochs that another has assigned to it, and comes back with them', () => {
    const [ada, ben] = [desk('Ada', 'page'), desk('Ben')];
    const undo = createUndo(ada.doc, 'setup', 'page');
    ada.edit((doc) => putRace(doc, { raceId, name: '10 km' }));
    meet(ada, ben);
    ben.edit((doc) => mapEpoch(doc, { streamId: mat, epoch: 1 }, raceId));
    meet(ada, ben);
    const before = readSetup(ada.doc);
    undo.undo(ada.author());
    expect(readSetup(ada.doc)).toMatchObject({ setup: { epochRaces: new Map() }, problems: [] });
    undo.redo(ada.author());
    expect(readSetup(ada.doc)).toEqual(before);
  });

  const races = [0, 1, 2].map((at) => RaceId.parse(`0b9d1c36-35a6-4c3e-9a07-6d9b34a1f10${at}`));
  const changes: Readonly<Record<string, (doc: Y.Doc, race: RaceId, value: number) => void>> = {
    name: (doc, race, value) => patchRace(doc, race, { name: `name ${value}` }),
    label: (doc, _, value) => labelStream(doc, mat, value === 0 ? null : `label ${value}`),
    race: (doc, race) => putRace(doc, { raceId: race, name: 'another' }),
    remove: (doc, race) => deleteRace(doc, race),
    map: (doc, race) => mapEpoch(doc, { streamId: mat, epoch: 1 }, readSetup(doc).setup.races.has(race) ? race : null),
  };

  /** What is there; a race that is taken back has been there all the same. */
  const nowIn = (doc: Y.Doc): object => {
    const { setup, problems } = readSetup(doc);
    return { setup: { ...setup, removedRaces: null }, problems };
  };

  it('any edits, all taken back and all put back, end as they were', () => {
    const act = fc.record({ what: fc.constantFrom('undo', ...Object.keys(changes)), value: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
        const [ada] = pair();
        const undo = createUndo(ada.doc, 'setup', 'page');
        const before = nowIn(ada.doc);
        for (const { what, value } of acts) {
          if (what === 'undo') undo.undo(ada.author());
          else ada.edit((doc) => changes[what]?.(doc, races[value] ?? raceId, value));
        }
        undo.forgetRedo();
        const after = nowIn(ada.doc);
        while (undo.canUndo()) undo.undo(ada.author());
        expect(nowIn(ada.doc)).toEqual(before);
        while (undo.canRedo()) undo.redo(ada.author());
        expect(nowIn(ada.doc)).toEqual(after);
        expect(findConflicts(ada.doc, 'setup')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('[P10] a choice that is taken back leaves its conflict open again', () => {
  it('of a field', () => {
    for (const choice of ['kept', 'other'] as const) {
      const [ada, ben] = pair();
      const undo = createUndo(ada.doc, 'setup', 'page');
      ada.edit((doc) => patchRace(doc, raceId, { name: 'Ten' }));
      ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
      meet(ada, ben);
      const [conflict] = findConflicts(ada.doc, 'setup');
      if (conflict === undefined) throw new Error('there is no conflict');
      chooseVersion(ada.doc, 'setup', ada.author(), conflict, choice, 'page');
      expect(findConflicts(ada.doc, 'setup')).toEqual([]);
      expect(undo.undo(ada.author())).toBe(true);
      meet(ada, ben);
      expect(findConflicts(ben.doc, 'setup')).toMatchObject([
        { place: conflict.place, kept: { value: conflict.kept.value }, other: conflict.other },
      ]);
    }
  });

  it('of a race that one removed and the other changed', () => {
    const [ada, ben] = pair();
    const undo = createUndo(ben.doc, 'setup', 'page');
    ada.edit((doc) => deleteRace(doc, raceId));
    ben.edit((doc) => patchRace(doc, raceId, { name: 'Zehn' }));
    meet(ada, ben);
    const [conflict] = findConflicts(ben.doc, 'setup');
    if (conflict === undefined) throw new Error('there is no conflict');
    for (const choice of ['other', 'kept'] as const) {
      chooseVersion(ben.doc, 'setup', ben.author(), conflict, choice, 'page');
      expect(findConflicts(ben.doc, 'setup')).toEqual([]);
      undo.undo(ben.author());
      expect(findConflicts(ben.doc, 'setup')).toEqual([conflict]);
    }
  });

  it('of a participant whom one removed and the other changed', () => {
    const [ada, ben] = [desk('Ada', 'page'), desk('Ben')];
    ada.edit((doc) => putParticipant(doc, runner('7')));
    meet(ada, ben);
    const undo = createUndo(ada.doc, 'roster', 'page');
    ben.edit((doc) => removeParticipant(doc, id('7')));
    ada.edit((doc) => putParticipant(doc, runner('7', { club: 'TV' })));
    meet(ada, ben);
    const [conflict] = findConflicts(ada.doc, 'roster');
    if (conflict === undefined) throw new Error('there is no conflict');
    chooseVersion(ada.doc, 'roster', ada.author(), conflict, 'other', 'page');
    undo.undo(ada.author());
    expect(findConflicts(ada.doc, 'roster')).toMatchObject([
      { place: conflict.place, other: { value: { bib: '7', club: 'TV' } } },
    ]);
  });
});
