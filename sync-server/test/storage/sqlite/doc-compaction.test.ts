import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_A, eventRecord } from '@baton/testkit/store-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type MergeOutcome, mergeUpdates } from '../../../src/storage/merge-updates.ts';
import { startDocCompaction } from '../../../src/storage/sqlite/doc-compaction.ts';
import type { SqliteCore } from '../../../src/storage/sqlite/sqlite-core.ts';
import type { CompactReply } from '../../../src/storage/store.ts';
import { temporaryDirectory } from '../data-directory.ts';
import { type CoreFixture, openCore } from './core-fixture.ts';

const NAME = `events/${EVENT_A}/setup`;

let directory = temporaryDirectory();
let fixture: CoreFixture;
beforeEach(() => {
  directory = temporaryDirectory();
  fixture = openCore(join(directory.path, 'live'));
});
afterEach(() => {
  fixture.db.close();
  directory.remove();
});

/** Edits whose updates are stored at once. */
const edit = (doc: Y.Doc, from: number, to: number, core: SqliteCore = fixture.core): void => {
  const store = (update: Uint8Array): void => {
    core.write([{ type: 'appendDoc', name: NAME, update }]);
  };
  doc.on('update', store);
  for (let n = from; n < to; n++) doc.getMap('m').set(`k${n % 40}`, n);
  doc.off('update', store);
};

const loaded = (core: SqliteCore): Y.Doc => {
  const doc = new Y.Doc({ gc: false });
  for (const update of core.loadDoc(NAME)) Y.applyUpdate(doc, update);
  return doc;
};

const stateOf = (doc: Y.Doc) => [
  doc.getMap('m').toJSON(),
  Y.decodeStateVector(Y.encodeStateVector(doc)),
  Y.encodeSnapshot(Y.snapshot(doc)),
];

let copies = 0;

/** What a relay finds that starts on the files as they are at this moment: power went. */
const afterPowerCut = (): Y.Doc => {
  const copy = join(directory.path, `copy-${++copies}`);
  cpSync(join(directory.path, 'live'), copy, { recursive: true });
  const { core, db } = openCore(copy);
  const doc = loaded(core);
  db.close();
  return doc;
};

/** A compaction whose merging the test holds. */
const heldCompaction = () => {
  let finish = (_: MergeOutcome): void => {};
  let given: readonly Uint8Array[] = [];
  let ready = 0;
  const compaction = startDocCompaction(
    fixture.core,
    NAME,
    (updates) => {
      given = updates;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    () => {
      ready++;
    },
  );
  const merge = async (outcome: MergeOutcome = mergeUpdates(given)): Promise<void> => {
    finish(outcome);
    while (ready === 0) await Promise.resolve();
  };
  const readAll = (): void => {
    while (compaction.isReady()) expect(compaction.step()).toBeNull();
  };
  return { compaction, merge, readAll };
};

describe('compaction of a stored document', () => {
  it('[P11] [P22] a power cut at any moment of it leaves the same document', async () => {
    const doc = new Y.Doc({ gc: false });
    edit(doc, 0, 1000);
    const { compaction, merge } = heldCompaction();
    let steps = 0;
    for (; compaction.isReady(); steps++) {
      expect(compaction.step()).toBeNull();
      expect(stateOf(afterPowerCut())).toEqual(stateOf(doc));
    }
    expect(steps).toBeGreaterThan(2);
    edit(doc, 1000, 1010);
    expect(stateOf(afterPowerCut())).toEqual(stateOf(doc));
    await merge();
    expect(stateOf(afterPowerCut())).toEqual(stateOf(doc));
    expect(compaction.step()).toMatchObject({ type: 'compacted', updates: 1000 });
    expect(stateOf(afterPowerCut())).toEqual(stateOf(doc));
    expect(fixture.core.loadDoc(NAME).length).toBe(11);
  });

  it('[P11] a document that was deleted meanwhile, and made anew, is another one', async () => {
    fixture.core.write([{ type: 'commit', changes: [{ type: 'putEvent', event: eventRecord(EVENT_A) }] }]);
    edit(new Y.Doc({ gc: false }), 0, 100);
    const { compaction, merge, readAll } = heldCompaction();
    readAll();
    fixture.core.write([{ type: 'commit', changes: [{ type: 'deleteEvent', eventId: EVENT_A }] }]);
    const fresh = new Y.Doc({ gc: false });
    edit(fresh, 500, 600);
    await merge();
    expect(compaction.step()).toMatchObject({ type: 'kept' });
    expect(stateOf(loaded(fixture.core))).toEqual(stateOf(fresh));
  });

  it('changes nothing when the merging thread has nothing to show', async () => {
    const doc = new Y.Doc({ gc: false });
    edit(doc, 0, 10);
    const { compaction, merge, readAll } = heldCompaction();
    readAll();
    await merge({ type: 'not-merged', reason: 'the merging thread ended with code 1' });
    expect(compaction.step()).toEqual({ type: 'kept', reason: 'the merging thread ended with code 1' });
    expect(fixture.core.loadDoc(NAME).length).toBe(10);
  });

  it('[P22] a full disk leaves the updates as they are', async () => {
    const doc = new Y.Doc({ gc: false });
    edit(doc, 0, 300);
    const { compaction, merge, readAll } = heldCompaction();
    readAll();
    const pages = Number(fixture.db.pragma('page_count', { simple: true }));
    fixture.db.pragma(`max_page_count = ${pages}`);
    await merge({ type: 'merged', state: new Uint8Array(1_000_000) });
    const reply: CompactReply | null = compaction.step();
    expect(reply).toMatchObject({ type: 'storage-full' });
    expect(stateOf(loaded(fixture.core))).toEqual(stateOf(doc));
  });
});
