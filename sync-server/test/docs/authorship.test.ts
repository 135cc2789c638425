import { findConflicts, labelStream, mapEpoch, readHistory, setupDocName, setupRoots } from '@baton/schema/doc';
import type { CreatedToken } from '@baton/schema/http';
import { EventId, RaceId, StreamId } from '@baton/schema/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createMemoryDisk } from '../../src/storage/memory/memory-disk.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { createEvent, createRace, type RelayFixture, seedStream, startRelay } from '../http/relay-fixture.ts';

const NOW = 1_772_870_400_000;
const disk = createMemoryDisk();
const name = setupDocName(EventId.parse('e1'));

let f: RelayFixture;
let kim: string;
beforeAll(async () => {
  f = await startRelay({ store: createMemoryStore(disk), clock: { now: () => NOW } });
  await createEvent(f, 'e1');
  const body = { role: 'operator', eventId: 'e1', label: 'Kim' };
  kim = ((await f.ask('POST', '/api/v1/tokens', { body })).body as CreatedToken).token;
});
afterAll(() => f.close());

/** The document as somebody who joins now gets it. */
const joined = async (): Promise<Y.Doc> => {
  const held = await f.core.docs.hold(name);
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(held.doc));
  held.release();
  return doc;
};

describe('edits that the relay makes', () => {
  it('are signed with the label of the token, else with its role', async () => {
    const { raceId } = await createRace(f, 'e1', '10 km');
    await f.ask('PATCH', `/api/v1/races/${raceId}`, { token: kim, body: { name: 'Ten' } });
    await f.ask('DELETE', `/api/v1/races/${raceId}`, { token: kim });
    const edits = readHistory(await joined(), 'setup');
    expect(edits.map(({ author }) => author)).toEqual([
      { name: 'Kim', at: NOW },
      { name: 'Kim', at: NOW },
      { name: 'admin', at: NOW },
    ]);
    const [removal] = edits;
    expect(removal?.changes).toMatchObject([{ place: ['races', raceId], before: { name: 'Ten' }, after: null }]);
  });

  it('[P10] meet an offline edit of the same mapping as a conflict, with both values, on every replica', async () => {
    const streamId = await seedStream(f, 'e1', 'box.mat', { 1: [] });
    const [ten, five] = [await createRace(f, 'e1', 'ten'), await createRace(f, 'e1', 'five')];
    const offline = await joined();
    await f.ask('PUT', `/api/v1/streams/${streamId}/epochs/1/race`, { token: kim, body: { raceId: ten.raceId } });
    mapEpoch(offline, { streamId, epoch: 1 }, RaceId.parse(five.raceId));
    const held = await f.core.docs.hold(name);
    await held.edit((doc) => Y.applyUpdate(doc, Y.encodeStateAsUpdate(offline)));
    held.release();
    const [conflict, ...more] = findConflicts(await joined(), 'setup');
    expect(more).toEqual([]);
    expect([conflict?.kept.value, conflict?.other.value].sort()).toEqual([ten.raceId, five.raceId].sort());
    Y.applyUpdate(offline, Y.encodeStateAsUpdate(await joined()));
    expect(findConflicts(offline, 'setup')).toEqual([conflict]);
  });

  it('[P11] keep what was overwritten through storage and a restart', async () => {
    const mat = StreamId.parse('box.mat');
    const held = await f.core.docs.hold(name);
    for (const label of ['a', 'b', 'c', null]) await held.edit((doc) => labelStream(doc, mat, label));
    held.release();
    const before = readHistory(await joined(), 'setup');
    await f.close();
    f = await startRelay({ store: createMemoryStore(disk), clock: { now: () => NOW } });
    const after = await joined();
    expect(setupRoots(after).streamLabels.has(mat)).toBe(false);
    expect(readHistory(after, 'setup')).toEqual(before);
  });
});
