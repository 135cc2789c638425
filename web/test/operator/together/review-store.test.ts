import {
  deleteRace,
  labelStream,
  mapEpoch,
  participantIdFor,
  patchRace,
  putChip,
  putParticipant,
  putRace,
  readSetup,
  removeParticipant,
} from '@baton/schema/doc';
import { RaceId, StreamId } from '@baton/schema/ids';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import type { EditedDoc } from '../../../src/operator/edited-doc.ts';
import { conflictWords } from '../../../src/operator/together/conflict-words.ts';
import { authorsIn, filterRows, historyRows, NO_FILTER } from '../../../src/operator/together/history-filter.ts';
import { createReviewStore } from '../../../src/operator/together/review-store.ts';
import { editedDoc, meet } from './edited-docs.ts';

const mat = StreamId.parse('box-1.mat');
const [ten, five] = [RaceId.parse('ten'), RaceId.parse('five')];
const id = (bib: string) => participantIdFor(null, bib);

const desk = (name: string, from = 0) => {
  const [setup, roster] = [editedDoc('setup', name, from), editedDoc('roster', name, from)];
  const time = createVirtualTime();
  return { setup, roster, time, store: createReviewStore(time.timers, [setup, roster]) };
};

type Desk = ReturnType<typeof desk>;

const come = (...desks: readonly Desk[]): void => {
  meet(...desks.map((it) => it.setup));
  meet(...desks.map((it) => it.roster));
};

const pair = (): readonly [Desk, Desk] => {
  const [ada, ben] = [desk('Ada'), desk('Ben', 100)];
  ada.setup.edit((doc) => {
    putRace(doc, { raceId: ten, name: '10 km' });
    putRace(doc, { raceId: five, name: '5 km' });
  });
  ada.roster.edit((doc) => {
    putParticipant(doc, { participantId: id('1'), bib: '1', firstName: 'Cleo', lastName: 'Dee' });
    putParticipant(doc, { participantId: id('2'), bib: '2', lastName: 'Eve' });
  });
  come(ada, ben);
  return [ada, ben];
};

const edit = (it: EditedDoc, change: Parameters<EditedDoc['edit']>[0]): void => it.edit(change);

describe('[P10] conflicts over all documents', () => {
  it('are found once changes have settled, told in words, and decided with one choice, on every page', () => {
    const [ada, ben] = pair();
    edit(ada.setup, (doc) => mapEpoch(doc, { streamId: mat, epoch: 3 }, ten));
    edit(ben.setup, (doc) => mapEpoch(doc, { streamId: mat, epoch: 3 }, five));
    edit(ada.roster, (doc) => putChip(doc, 'c1', id('1')));
    edit(ben.roster, (doc) => putChip(doc, 'c1', id('2')));
    come(ada, ben);
    expect(ada.store.conflicts.value).toEqual([]);
    for (const it of [ada, ben]) it.time.advance(300);
    const words = (it: Desk) =>
      it.store.conflicts.value.map(({ conflict }) => conflictWords(conflict, it.store.names.value));
    expect(words(ada)).toEqual(words(ben));
    const [epoch, chip] = words(ada);
    expect([epoch?.kept.value, epoch?.other.value].sort()).toEqual(['“10 km”', '“5 km”']);
    expect([chip?.kept.value, chip?.other.value].sort()).toEqual(['Cleo Dee, bib 1', 'Eve, bib 2']);

    const [first] = ben.store.conflicts.value;
    if (first === undefined) throw new Error('there is no conflict');
    const wanted = first.conflict.other.value;
    expect(ben.store.choose(first, 'other')).toBe(true);
    expect(ben.store.conflicts.value).toHaveLength(1);
    expect(ben.store.choose(first, 'kept')).toBe(false);
    come(ada, ben);
    ada.time.advance(300);
    expect(ada.store.conflicts.value).toHaveLength(1);
    expect([...readSetup(ada.setup.followed.doc).setup.epochRaces.values()]).toEqual([wanted]);
    ben.setup.undo.undo(ben.setup.sign());
    ben.time.advance(300);
    expect(ben.store.conflicts.value).toHaveLength(2);
  });

  it('are looked for while edits go on without a pause, and not after the store is closed', () => {
    const [ada, ben] = pair();
    edit(ada.setup, (doc) => patchRace(doc, ten, { name: 'Ten' }));
    edit(ben.setup, (doc) => patchRace(doc, ten, { name: 'Zehn' }));
    come(ada, ben);
    for (let at = 0; at < 20; at++) {
      edit(ada.setup, (doc) => labelStream(doc, mat, `label ${at}`));
      ada.time.advance(200);
    }
    expect(ada.store.conflicts.value).toHaveLength(1);
    ben.store.close();
    expect(ben.time.pending()).toBe(0);
  });
});

describe('the history', () => {
  it('is read while somebody looks, newest first over both documents, with both authors', () => {
    const [ada, ben] = pair();
    edit(ben.setup, (doc) => patchRace(doc, ten, { name: 'Zehn' }));
    edit(ben.roster, (doc) => putParticipant(doc, { participantId: id('1'), bib: '1', firstName: 'Cleo', club: 'AC' }));
    come(ada, ben);
    expect(ada.store.history.value).toBeNull();
    const stop = ada.store.watchHistory();
    const rows = historyRows(ada.store.history.value ?? [], ada.store.names.value);
    expect(rows.map((it) => it.by)).toEqual(['Ben', 'Ben', 'Ada', 'Ada']);
    const lines = rows.flatMap((it) => it.words.lines);
    expect(lines).toContain('Race “Zehn”: name changed from “10 km” to “Zehn”');
    expect(lines).toContain('Cleo, bib 1: club set to “AC”');
    edit(ben.setup, (doc) => labelStream(doc, mat, 'left'));
    come(ada, ben);
    ada.time.advance(300);
    expect(ada.store.history.value).toHaveLength(5);
    stop();
    expect(ada.store.history.value).toBeNull();
  });

  it('calls a race and a person who are gone by what they were', () => {
    const [ada] = pair();
    edit(ada.setup, (doc) => mapEpoch(doc, { streamId: mat, epoch: 1 }, ten));
    edit(ada.setup, (doc) => deleteRace(doc, ten));
    edit(ada.roster, (doc) => putChip(doc, 'c1', id('1')));
    edit(ada.roster, (doc) => removeParticipant(doc, id('1')));
    ada.store.watchHistory();
    const lines = historyRows(ada.store.history.value ?? [], ada.store.names.value).flatMap((it) => it.words.lines);
    expect(lines).toContain('Epoch 1 of box-1.mat: assigned to “10 km”');
    expect(lines).toContain('Race “10 km”: removed');
    expect(lines).toContain('Chip c1: given to Cleo Dee, bib 1');
  });

  it('tells an import that was made in steps as one, and edits of a person each', () => {
    const [ada] = pair();
    for (let step = 0; step < 3; step++) {
      ada.roster.edit((doc) => {
        for (let at = 0; at < 40; at++) {
          putParticipant(doc, { participantId: id(`${step}-${at}`), bib: `${step}-${at}` });
        }
      }, 'import');
    }
    for (const club of ['AC', 'TV']) {
      edit(ada.roster, (doc) => putParticipant(doc, { participantId: id('1'), bib: '1', firstName: 'Cleo', club }));
    }
    ada.store.watchHistory();
    const rows = historyRows(ada.store.history.value ?? [], ada.store.names.value);
    expect(rows.slice(0, 3).map((it) => [it.edit.kind, it.edit.total, it.words.head])).toEqual([
      ['edit', 1, ''],
      ['edit', 2, ''],
      ['import', 120, 'Import: 120 people added'],
    ]);
    expect(rows[2]?.edit.changes).toHaveLength(50);
    expect(rows[2]?.canTakeBack).toBe(false);
  });

  it('is filtered by person, kind and text', () => {
    const [ada, ben] = pair();
    edit(ben.setup, (doc) => labelStream(doc, mat, 'Finish LEFT'));
    ben.roster.edit((doc) => putParticipant(doc, { participantId: id('3'), bib: '3' }), 'import');
    labelStream(ben.setup.followed.doc, StreamId.parse('by.hand'), 'unsigned');
    come(ada, ben);
    ada.store.watchHistory();
    const rows = historyRows(ada.store.history.value ?? [], ada.store.names.value);
    expect(authorsIn(rows)).toEqual(['a program', 'Ada', 'Ben']);
    const found = (filter: object) => filterRows(rows, { ...NO_FILTER, ...filter }).length;
    expect(found({})).toBe(5);
    expect(found({ by: 'Ben' })).toBe(2);
    expect(found({ by: 'a program' })).toBe(1);
    expect(found({ kind: 'import' })).toBe(1);
    expect(found({ text: ' finish left ' })).toBe(1);
    expect(found({ text: 'finish', by: 'Ada' })).toBe(0);
    expect(found({ text: 'import' })).toBe(1);
  });

  it('takes an edit back as one’s own, which can be undone', () => {
    const [ada, ben] = pair();
    edit(ben.setup, (doc) => patchRace(doc, ten, { name: 'Zehn' }));
    come(ada, ben);
    ada.store.watchHistory();
    const nameOf = () => readSetup(ada.setup.followed.doc).setup.races.get(ten)?.name;
    const [past] = ada.store.history.value ?? [];
    if (past === undefined) throw new Error('there is no edit');
    expect(past.canTakeBack).toBe(true);
    expect(ada.store.takeBack(past)).toBe(1);
    expect(nameOf()).toBe('10 km');
    expect(ada.store.takeBack(past)).toBe(0);
    ada.setup.undo.undo(ada.setup.sign());
    expect(nameOf()).toBe('Zehn');
  });
});
