import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReceiver, readSelection, writeSelection } from '@baton/schema/doc';
import { EventId, NodeId, RaceId, StreamId } from '@baton/schema/ids';
import { type Log, silentLog } from '@baton/schema/ports';
import { NOTHING_SELECTED, type Selection } from '@baton/schema/selection';
import { createVirtualTime } from '@baton/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSelectionStore } from '../../src/receiver/selection-store.ts';
import { createSelectionSync } from '../../src/receiver/selection-sync.ts';
import { createDocRoom, type DocRoom } from './doc-room.ts';

/** Real files: how long they take is not what is tested. */
const PATIENCE = { timeout: 30_000, interval: 20 } as const;
const raceOf = (raceId: string): Selection => ({ mode: 'race', raceId: RaceId.parse(raceId), epochScope: 'all' });
const race = raceOf('r1');
const other = raceOf('r2');
const manual: Selection = { mode: 'manual', streams: [StreamId.parse('box-1.mat')] };
const DESK = { eventId: EventId.parse('e1'), nodeId: NodeId.parse('desk') };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'baton-selection-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** What a receiver's process has of this; a second one is the next start. */
const start = async (room: DocRoom, identity = DESK) => {
  const told: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => told.push(message), error: (message) => told.push(message) };
  const time = createVirtualTime();
  const selection = await openSelectionStore(dir, log);
  const heard: Selection[] = [];
  selection.onChange((it) => heard.push(it));
  const attach = () =>
    createSelectionSync({ timers: time.timers, log, selection, followDoc: room.followDoc }, identity);
  return { selection, heard, told, time, attach };
};

const isOnDisk = (expected: Selection): Promise<void> =>
  vi.waitFor(async () => {
    expect((await openSelectionStore(dir, silentLog)).current()).toEqual(expected);
    expect(await readFile(join(dir, 'selection.json'), 'utf8')).not.toContain('pending');
  }, PATIENCE);

/** A receiver that has been with the relay, and is away now. */
const wasThere = async (room: DocRoom, selected: Selection): Promise<void> => {
  room.setLink('online');
  const { selection, attach } = await start(room);
  const sync = attach();
  await selection.store(selected);
  await isOnDisk(selected);
  await sync.close();
  expect(readSelection(room.doc)).toEqual(selected);
  room.setLink('offline');
};

describe('the selection and its document', () => {
  it('[RT-26] begin with what the document says where nothing is stored, else with nothing', async () => {
    const room = createDocRoom();
    room.setLink('online');
    const first = await start(room);
    const sync = first.attach();
    expect(first.selection.current()).toEqual(NOTHING_SELECTED);
    writeSelection(room.doc, race);
    await isOnDisk(race);
    expect([first.selection.current(), first.heard]).toEqual([race, [race]]);
    await sync.close();
  });

  it('[RT-26] bring to the relay what was selected before anybody knew who this is', async () => {
    const room = createDocRoom();
    writeSelection(room.doc, other); // from before the disk was lost
    const first = await start(room);
    await first.selection.store(race);
    const second = await start(room);
    const sync = second.attach();
    expect(second.selection.current()).toEqual(race);
    room.setLink('online');
    await vi.waitFor(() => expect(readSelection(room.doc)).toEqual(race), PATIENCE);
    await isOnDisk(race);
    expect(second.heard).toEqual([]);
    await sync.close();
  });

  it('[RT-26] keep an offline edit through a restart, and deliver it', async () => {
    const room = createDocRoom();
    await wasThere(room, race);
    const away = await start(room);
    const ending = away.attach();
    await away.selection.store(manual);
    await ending.close();
    const back = await start(room);
    const sync = back.attach();
    expect([back.selection.current(), readSelection(room.doc)]).toEqual([manual, race]);
    room.setLink('online');
    await vi.waitFor(() => expect(readSelection(room.doc)).toEqual(manual), PATIENCE);
    await isOnDisk(manual);
    await sync.close();
  });

  it("[RT-26] take an operator's edit made while the receiver was off, stored before it is followed", async () => {
    const room = createDocRoom();
    await wasThere(room, race);
    writeSelection(room.doc, other);
    const back = await start(room);
    const stored: string[] = [];
    back.selection.onChange(() => stored.push(readFileSync(join(dir, 'selection.json'), 'utf8')));
    const sync = back.attach();
    expect(back.selection.current()).toEqual(race);
    room.setLink('online');
    await vi.waitFor(() => expect(stored).toEqual([expect.stringContaining('"r2"')]), PATIENCE);
    expect([back.selection.current(), back.heard]).toEqual([other, [other]]);
    await sync.close();
  });

  it('[RT-26] end equal on both sides, whatever happened where', async () => {
    const step = fc.oneof(
      fc.record({
        type: fc.constantFrom('here' as const, 'there' as const),
        selection: fc.constantFrom(race, other, manual),
      }),
      fc.record({ type: fc.constantFrom('online' as const, 'offline' as const, 'restart' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await rm(join(dir, 'selection.json'), { force: true });
        const room = createDocRoom();
        let receiver = await start(room);
        let sync = receiver.attach();
        let isEdited = false;
        for (const it of steps) {
          if (it.type === 'here') await receiver.selection.store(it.selection);
          else if (it.type === 'there') writeSelection(room.doc, it.selection);
          else if (it.type === 'restart') {
            await sync.close();
            receiver = await start(room);
            sync = receiver.attach();
          } else room.setLink(it.type);
          isEdited ||= 'selection' in it;
        }
        room.setLink('online');
        if (isEdited)
          await vi.waitFor(() => expect(receiver.selection.current()).toEqual(readSelection(room.doc)), PATIENCE);
        if (isEdited) await isOnDisk(readSelection(room.doc));
        await sync.close();
        expect(receiver.selection.current()).toEqual(readSelection(room.doc));
      }),
      { numRuns: 60 },
    );
  });

  it.each([null, 7, { mode: 'race' }, { mode: 'race', raceId: '', epochScope: 'all' }, { mode: 'all' }])(
    '[RT-27] leave out a document that says %j, and say so once',
    async (bad) => {
      const room = createDocRoom();
      await wasThere(room, race);
      const back = await start(room);
      const sync = back.attach();
      room.doc.getMap('receiver').set('selection', bad);
      room.setLink('online');
      await vi.waitFor(() => expect(back.told).toHaveLength(1), PATIENCE);
      room.doc.getMap('receiver').set('note', 1);
      await sync.close();
      expect(back.told).toEqual(['the document holds a selection that does not parse; the stored one stays']);
      expect([back.selection.current(), back.heard]).toEqual([race, []]);
      expect(readReceiver(room.doc).problems).toHaveLength(1); // nor overwritten: it may be of a later version
      expect((await openSelectionStore(dir, silentLog)).current()).toEqual(race);
    },
  );

  it('do without the document when the relay refuses it, and say so', async () => {
    const room = createDocRoom();
    await wasThere(room, race);
    room.setLink('refused');
    const back = await start(room);
    const sync = back.attach();
    expect(back.told).toEqual(['the receiver goes on with the selection stored here, without its document']);
    await back.selection.store(manual);
    await sync.close();
    expect((await openSelectionStore(dir, silentLog)).current()).toEqual(manual);
    expect(readSelection(room.doc)).toEqual(race);
  });

  it('are those of the node that the token names', async () => {
    const room = createDocRoom();
    await wasThere(room, race);
    const another = createDocRoom();
    writeSelection(another.doc, other);
    another.setLink('online');
    const moved = await start(another, { ...DESK, nodeId: NodeId.parse('tent') });
    const sync = moved.attach();
    await isOnDisk(other);
    await sync.close();
    expect(JSON.parse(await readFile(join(dir, 'selection.json'), 'utf8'))).toMatchObject({
      document: { name: 'events/e1/receivers/tent' },
    });
  });

  it('begin anew with a damaged state, and keep the selection', async () => {
    const room = createDocRoom();
    await wasThere(room, race);
    const document = { name: 'events/e1/receivers/desk', state: '/////w==' };
    await writeFile(join(dir, 'selection.json'), JSON.stringify({ ...manual, document }));
    const back = await start(room);
    const sync = back.attach();
    expect(back.selection.current()).toEqual(manual);
    expect(back.told).toEqual(['the stored document is damaged and is left out']);
    room.setLink('online');
    await isOnDisk(race);
    await sync.close();
  });

  it('are tried again when the disk refuses; an edit that was not stored is nowhere', async () => {
    const room = createDocRoom();
    await wasThere(room, race);
    const back = await start(room);
    const sync = back.attach();
    room.setLink('online');
    await rm(dir, { recursive: true });
    await writeFile(dir, 'a file where the directory was');
    await expect(back.selection.store(manual)).rejects.toThrow();
    expect([back.selection.current(), readSelection(room.doc)]).toEqual([race, race]);
    writeSelection(room.doc, other);
    await vi.waitFor(() => expect(back.told).toHaveLength(1), PATIENCE);
    expect(back.selection.current()).toEqual(race);
    await rm(dir);
    await back.time.advanceAsync(6000);
    await isOnDisk(other);
    await back.selection.store(manual);
    expect(readSelection(room.doc)).toEqual(manual);
    await sync.close();
  });
});
