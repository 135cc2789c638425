import { readAlarms } from '@baton/schema/doc';
import { StreamId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type ConflictReport, createConflictAlarms, settleConflictAlarms } from '../../src/venue/conflict-alarms.ts';

import { createLinkStage } from './link-stage.ts';
import { EVENT } from './model-relay.ts';

const MAT = StreamId.parse('box.mat');

const report = (change: Partial<ConflictReport> = {}): ConflictReport => ({
  conflicts: [],
  isComplete: true,
  sealedAlike: [],
  ...change,
});
const reads = (epoch: number) => ({ streamId: MAT, epoch, seq: 7 });
const seal = (epoch: number) => ({ streamId: MAT, epoch, seq: null });
const openIn = (doc: Y.Doc): readonly string[] =>
  readAlarms(doc)
    .alarms.filter(({ clearedAt }) => clearedAt === null)
    .map(({ alarmId }) => alarmId)
    .sort();

describe('alarms about relays that differ', () => {
  it('[P4] are one for each epoch, say from where on and what to do, and are over when all is compared and the same', () => {
    const doc = new Y.Doc({ gc: false });
    settleConflictAlarms(doc, report({ conflicts: [reads(1), reads(3)] }), 5);
    expect(openIn(doc)).toEqual(['relay-conflict/box.mat/1', 'relay-conflict/box.mat/3']);
    expect(readAlarms(doc).alarms[0]).toMatchObject({
      kind: 'relay-conflict',
      raisedAt: 5,
      message:
        'box.mat, epoch 1: the relay at the venue and the one elsewhere hold different reads from number 7 on. ' +
        'Two devices have one identity: stop one, begin the next epoch, and compare both exports of this one.',
    });
    settleConflictAlarms(doc, report({ conflicts: [], isComplete: false }), 6);
    expect(openIn(doc)).toHaveLength(2);
    settleConflictAlarms(doc, report({ conflicts: [reads(3)] }), 7);
    expect(openIn(doc)).toEqual(['relay-conflict/box.mat/3']);
  });

  it('[P27] that a seal raised end by the seals only: the newest reads may be alike while earlier ones are not', () => {
    const doc = new Y.Doc({ gc: false });
    settleConflictAlarms(doc, report({ conflicts: [seal(2)] }), 5);
    settleConflictAlarms(doc, report(), 6);
    expect(openIn(doc)).toEqual(['relay-conflict/box.mat/2/seal']);
    settleConflictAlarms(doc, report({ sealedAlike: [{ streamId: MAT, epoch: 2 }], isComplete: false }), 7);
    expect(openIn(doc)).toEqual([]);
  });

  it('leave those of others alone, and write nothing that is so already', () => {
    const doc = new Y.Doc({ gc: false });
    doc.getMap('alarms').set('silence/r/f', { kind: 'silence', message: 'm', raisedAt: 1, clearedAt: null });
    settleConflictAlarms(doc, report({ conflicts: [reads(1)] }), 5);
    const before = Y.encodeStateVector(doc);
    settleConflictAlarms(doc, report({ conflicts: [reads(1)] }), 6);
    expect(Y.encodeStateVector(doc)).toEqual(before);
    settleConflictAlarms(doc, report(), 7);
    expect(openIn(doc)).toEqual(['silence/r/f']);
  });

  it('of one difference end when all is compared, though another was told meanwhile', async () => {
    const stage = createLinkStage();
    const alarms = createConflictAlarms(stage.deps, EVENT);
    const settle = async (next: ConflictReport): Promise<readonly string[]> => {
      alarms.settle(next);
      await stage.pass(0);
      return stage.documents
        .alarms()
        .filter(({ clearedAt }) => clearedAt === null)
        .map(({ alarmId }) => alarmId)
        .sort();
    };
    const [one, other] = ['relay-conflict/box.mat/1', 'relay-conflict/box.mat/2'];
    expect(await settle(report({ conflicts: [reads(1)] }))).toEqual([one]);
    expect(await settle(report({ conflicts: [reads(2)], isComplete: false }))).toEqual([one, other]);
    expect(await settle(report({ conflicts: [reads(2)] }))).toEqual([other]);
    alarms.close();
    expect(await settle(report())).toEqual([other]);
  });

  it('are twenty at most: whatever makes more differ is one cause', () => {
    const doc = new Y.Doc({ gc: false });
    settleConflictAlarms(doc, report({ conflicts: Array.from({ length: 300 }, (_, at) => reads(at + 1)) }), 5);
    expect(openIn(doc)).toHaveLength(20);
  });
});
