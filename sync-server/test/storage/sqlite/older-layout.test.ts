import { EventId, NodeId } from '@baton/schema/ids';
import { afterEach, describe, expect, it } from 'vitest';
import { DATABASE_FILE } from '../../../src/storage/sqlite/database.ts';
import { MIGRATIONS } from '../../../src/storage/sqlite/migrations/index.ts';
import { temporaryDirectory } from '../data-directory.ts';
import { openCore } from './core-fixture.ts';
import { writeLayoutOne } from './older-layout.ts';

const directory = temporaryDirectory();

afterEach(directory.remove);

describe('a data directory of an older relay', () => {
  it('[RN-29] is brought up at the first start with everything in it, and is the same at the second', () => {
    writeLayoutOne(directory.path, DATABASE_FILE);
    for (const start of [1, 2]) {
      const { core, db } = openCore(directory.path);
      const records = core.load();
      expect(records.events).toMatchObject([{ eventId: 'spring-run', minClientVersion: '1.0' }]);
      expect(records.tokens).toMatchObject([{ tokenId: 't1', nodeId: 'gate' }]);
      expect(records.streams).toMatchObject([{ streamId: 'gate.mat', currentEpoch: 2, accepted: 7 }]);
      expect(records.epochs.map((it) => it.epoch)).toEqual([1, 2]);
      expect(records.cursors).toEqual([{ receiverId: 'tent', streamId: 'gate.mat', epoch: 1, seq: 3 }]);
      expect(records.attachments).toHaveLength(start - 1);
      expect(db.prepare('SELECT version FROM layouts ORDER BY version').pluck().all()).toEqual(
        MIGRATIONS.map((it) => it.version),
      );
      const attachment = {
        attachmentId: 'a1',
        nodeId: NodeId.parse('gate'),
        eventId: EventId.parse('spring-run'),
        role: 'forwarder',
        label: null,
        clientVersion: '1.0',
        capabilities: {},
        declared: true,
        attachedAt: 1,
      } as const;
      expect(core.write([{ type: 'commit', changes: [{ type: 'attachNode', attachment }] }])).toEqual([
        { type: 'committed' },
      ]);
      core.close();
    }
  });
});
