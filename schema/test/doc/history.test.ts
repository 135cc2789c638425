import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  createUndo,
  deleteRace,
  findConflicts,
  labelStream,
  mapEpoch,
  patchRace,
  putParticipant,
  putParticipants,
  putRace,
  readHistory,
  readRoster,
  readSetup,
  removeParticipant,
  reviewRoots,
  setupRoots,
} from '../../src/doc/index.ts';
import { id, mat, raceId, runner } from './fixtures.ts';
import { desk, meet } from './replicas.ts';

describe('history', () => {
  it('tells who changed what, before and after, newest first, across replicas', () => {
    const [ada, ben] = [desk('Ada'), desk('Ben')];
    ada.edit((doc) => labelStream(doc, mat, 'left'), 1000);
    meet(ada, ben);
    ben.edit((doc) => labelStream(doc, mat, 'right'), 3000);
    ben.edit((doc) => labelStream(doc, mat, null), 2000);
    meet(ada, ben);
    const edits = readHistory(ada.doc, 'setup');
    expect(edits.map(({ author, changes }) => [author?.name, author?.at, changes])).toEqual([
      ['Ben', 3000, [{ place: ['streamLabels', mat], before: 'left', after: 'right' }]],
      ['Ben', 2000, [{ place: ['streamLabels', mat], before: 'right', after: null }]],
      ['Ada', 1000, [{ place: ['streamLabels', mat], before: null, after: 'left' }]],
    ]);
    expect(readHistory(ben.doc, 'setup')).toEqual(edits);
  });

  it('keeps a removed race and what it was', () => {
    const ada = desk('Ada');
    ada.edit((doc) => putRace(doc, { raceId, name: '10 km' }), 1000);
    ada.edit((doc) => patchRace(doc, raceId, { name: 'Ten' }), 2000);
    ada.edit((doc) => deleteRace(doc, raceId), 3000);
    const [removal, rename, creation] = readHistory(ada.doc, 'setup');
    expect(removal?.changes).toMatchObject([{ place: ['races', raceId], before: { name: 'Ten' }, after: null }]);
    expect(rename?.changes).toEqual([{ place: ['races', raceId, 'name'], before: '10 km', after: 'Ten' }]);
    expect(creation?.changes.map((it) => it.place.join(' '))).toContain(`races ${raceId}`);
  });

  it('tells a changed field of a participant by itself, and counts what it does not list', () => {
    const ada = desk('Ada');
    ada.edit(
      (doc) =>
        putParticipants(
          doc,
          Array.from({ length: 300 }, (_, at) => runner(`${at}`)),
        ),
      1000,
    );
    ada.edit((doc) => putParticipant(doc, runner('7', { club: 'TV' })), 2000);
    const [change, creation] = readHistory(ada.doc, 'roster');
    expect(change?.changes).toEqual([{ place: ['participants', id('7'), 'club'], before: null, after: 'TV' }]);
    expect(creation).toMatchObject({ total: 300 });
    expect(creation?.changes).toHaveLength(50);
  });

  it('shows what was written without a stamp as unsigned, and passes over stamps it cannot read', () => {
    const doc = new Y.Doc({ gc: false });
    setupRoots(doc).streamLabels.set(mat, 'by hand');
    for (const [at, junk] of ['junk', { by: 7 }, { saw: Uint8Array.of(255, 255, 255) }].entries()) {
      reviewRoots(doc).edits.set(`junk${at}`, junk);
    }
    expect(readHistory(doc, 'setup')).toMatchObject([{ author: null, kind: 'edit', total: 1 }]);
  });

  it('leaves no stamp where nothing was written', () => {
    const ada = desk('Ada');
    ada.edit((doc) => labelStream(doc, mat, 'left'));
    ada.edit((doc) => labelStream(doc, mat, 'left'));
    expect(reviewRoots(ada.doc).edits.size).toBe(1);
  });

  it('survives the way through an update and a document that throws overwritten values away', () => {
    const ada = desk('Ada');
    ada.edit((doc) => labelStream(doc, mat, 'left'), 1000);
    ada.edit((doc) => labelStream(doc, mat, 'right'), 2000);
    const stock = new Y.Doc();
    Y.applyUpdate(stock, Y.encodeStateAsUpdate(ada.doc));
    expect(readHistory(stock, 'setup').map((it) => it.changes[0]?.after)).toEqual(['right', undefined]);
    expect(findConflicts(stock, 'setup')).toEqual([]);
  });
});

describe('undo', () => {
  it('takes back one’s own edits and puts them back, signed', () => {
    const ada = desk('Ada', 'page');
    const undo = createUndo(ada.doc, 'setup', 'page');
    ada.edit((doc) => labelStream(doc, mat, 'left'));
    ada.edit((doc) => labelStream(doc, mat, 'right'));
    expect(undo.undo(ada.author())).toBe(true);
    expect(readSetup(ada.doc).setup.streamLabels.get(mat)).toBe('left');
    expect(undo.undo(ada.author())).toBe(true);
    expect(readSetup(ada.doc).setup.streamLabels.has(mat)).toBe(false);
    expect(undo.undo(ada.author())).toBe(false);
    expect(undo.redo(ada.author())).toBe(true);
    expect(undo.redo(ada.author())).toBe(true);
    expect(readSetup(ada.doc).setup.streamLabels.get(mat)).toBe('right');
    expect(readHistory(ada.doc, 'setup').map((it) => it.kind)).toEqual([
      'redo',
      'redo',
      'undo',
      'undo',
      'edit',
      'edit',
    ]);
  });

  it('brings back a removed race with all its parts, and a removed participant with chips', () => {
    const ada = desk('Ada', 'page');
    ada.edit((doc) => {
      putRace(doc, { raceId, name: '10 km' });
      mapEpoch(doc, { streamId: mat, epoch: 1 }, raceId);
    });
    const undo = createUndo(ada.doc, 'setup', 'page');
    const before = readSetup(ada.doc).setup;
    ada.edit((doc) => deleteRace(doc, raceId));
    expect(readSetup(ada.doc).setup.races.size).toBe(0);
    undo.undo(ada.author());
    expect(readSetup(ada.doc).setup).toEqual(before);

    const ben = desk('Ben', 'page');
    ben.edit((doc) => putParticipant(doc, runner('7')));
    ben.edit((doc) => putParticipant(doc, runner('7', { club: 'TV' })));
    const undoRoster = createUndo(ben.doc, 'roster', 'page');
    const roster = readRoster(ben.doc).roster;
    ben.edit((doc) => removeParticipant(doc, id('7')));
    undoRoster.undo(ben.author());
    expect(readRoster(ben.doc).roster).toEqual(roster);
  });

  it('never takes back what others did, nor what they have written over', () => {
    const [ada, ben] = [desk('Ada', 'page'), desk('Ben', 'page')];
    const undo = createUndo(ada.doc, 'setup', 'page');
    ada.edit((doc) => labelStream(doc, mat, 'left'));
    meet(ada, ben);
    ben.edit((doc) => labelStream(doc, mat, 'right'));
    meet(ada, ben);
    undo.undo(ada.author());
    expect(readSetup(ada.doc).setup.streamLabels.get(mat)).toBe('right');
  });

  it('takes back an import of 5,000 as one step', () => {
    const ada = desk('Ada', 'page');
    const undo = createUndo(ada.doc, 'roster', 'page');
    ada.edit((doc) =>
      putParticipants(
        doc,
        Array.from({ length: 5000 }, (_, at) => runner(`${at}`)),
      ),
    );
    undo.undo(ada.author());
    expect(readRoster(ada.doc).roster.participants.size).toBe(0);
  });
});
