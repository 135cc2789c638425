import { labelStream, participantIdFor, putParticipant, readRoster, readSetup } from '@baton/schema/doc';
import { StreamId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import type { EditedDoc } from '../../../src/operator/edited-doc.ts';
import { createUndoStore } from '../../../src/operator/together/undo-store.ts';
import { editedDoc, meet } from './edited-docs.ts';

const mat = StreamId.parse('box-1.mat');
const id = participantIdFor(null, '7');

const desk = () => {
  const [setup, roster] = [editedDoc('setup'), editedDoc('roster')];
  const store = createUndoStore([setup, roster]);
  const label = (text: string): void => setup.edit((doc) => labelStream(doc, mat, text));
  const club = (text: string): void =>
    roster.edit((doc) => putParticipant(doc, { participantId: id, bib: '7', club: text }));
  return { setup, roster, store, label, club };
};

const labelOf = (it: EditedDoc) => readSetup(it.followed.doc).setup.streamLabels.get(mat);
const clubOf = (it: EditedDoc) => readRoster(it.followed.doc).roster.participants.get(id)?.club;

describe('undo over several documents', () => {
  it('goes back in the order in which the steps were made, and forth again', () => {
    const { setup, roster, store, label, club } = desk();
    label('one');
    club('AC');
    label('two');
    club('TV');
    const states = [];
    for (let at = 0; at < 4; at++) {
      expect(store.undo().type).toBe('done');
      states.push([labelOf(setup), clubOf(roster)]);
    }
    expect(states).toEqual([
      ['two', 'AC'],
      ['one', 'AC'],
      ['one', undefined],
      [undefined, undefined],
    ]);
    expect(store.undo()).toEqual({ type: 'nothing' });
    const forth = [];
    for (let at = 0; at < 4; at++) {
      expect(store.redo().type).toBe('done');
      forth.push([labelOf(setup), clubOf(roster)]);
    }
    expect(forth).toEqual([
      ['one', undefined],
      ['one', 'AC'],
      ['two', 'AC'],
      ['two', 'TV'],
    ]);
    expect(store.redo()).toEqual({ type: 'nothing' });
    expect(store.undo().type).toBe('done');
    expect(clubOf(roster)).toBe('AC');
  });

  it('says what it would take back, and put back', () => {
    const { store, label, club } = desk();
    expect([store.next.value, store.nextRedo.value]).toEqual([null, null]);
    label('one');
    club('AC');
    expect(store.next.value?.places).toEqual([['participants', id]]);
    store.undo();
    expect(store.next.value?.places).toEqual([['streamLabels', mat]]);
    expect(store.nextRedo.value?.places).toEqual([['participants', id]]);
  });

  it('an edit ends what can be put back, in whichever document', () => {
    const { roster, store, label, club } = desk();
    club('AC');
    label('one');
    store.undo();
    store.undo();
    label('two');
    expect(store.nextRedo.value).toBeNull();
    expect(store.redo()).toEqual({ type: 'nothing' });
    expect(clubOf(roster)).toBeUndefined();
  });

  it('[P10] never takes back what others did, and says when they have written over a step', () => {
    const { setup, store, label, club } = desk();
    const ben = editedDoc('setup', 'Ben');
    club('AC');
    label('one');
    meet(setup, ben);
    ben.edit((doc) => labelStream(doc, mat, 'right'));
    meet(setup, ben);
    expect(store.undo()).toEqual({ type: 'overtaken', step: { places: [['streamLabels', mat]], total: 1 } });
    expect(labelOf(setup)).toBe('right');
    expect(store.next.value?.places).toEqual([['participants', id]]);
  });

  it('follows no document once closed', () => {
    const { store, label } = desk();
    store.close();
    label('one');
    expect(store.next.value).toBeNull();
  });
});
