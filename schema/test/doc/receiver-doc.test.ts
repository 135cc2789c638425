import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { readReceiver, readSelection, receiverRoots, writeSelection } from '../../src/doc/index.ts';
import { RaceId, StreamId } from '../../src/ids.ts';
import { NOTHING_SELECTED, type Selection } from '../../src/selection/index.ts';

const byRace: Selection = { mode: 'race', raceId: RaceId.parse('r1'), epochScope: 'current' };
const byHand: Selection = { mode: 'manual', streams: [StreamId.parse('box-1.mat')] };

describe('receiver document', () => {
  it('selects nothing by itself', () => {
    expect(readReceiver(new Y.Doc())).toEqual({ selection: NOTHING_SELECTED, stored: false, problems: [] });
  });

  it('[RT-26] keeps the selection that was written last', () => {
    const doc = new Y.Doc();
    writeSelection(doc, byHand);
    writeSelection(doc, byRace);
    expect(readReceiver(doc)).toEqual({ selection: byRace, stored: true, problems: [] });
  });

  it('[RT-26] merges two offline edits into one of the two, never into a mixture', () => {
    const [a, b] = [new Y.Doc(), new Y.Doc()];
    writeSelection(a, byHand);
    writeSelection(b, byRace);
    Y.applyUpdate(a, Y.encodeStateAsUpdate(b));
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
    expect(readSelection(a)).toEqual(readSelection(b));
    expect([byHand, byRace]).toContainEqual(readSelection(a));
  });

  it.each([null, 'race', { mode: 'race' }, { mode: 'race', raceId: '', epochScope: 'all' }, { mode: 'manual' }])(
    'selects nothing and reports a stored %j',
    (value) => {
      const doc = new Y.Doc();
      receiverRoots(doc).receiver.set('selection', value);
      const read = readReceiver(doc);
      expect(read.selection).toEqual(NOTHING_SELECTED);
      expect(read.problems).toHaveLength(1);
    },
  );
});
