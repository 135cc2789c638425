import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { loadWithoutUnfinished, unfinishedImports } from '../../src/keeping/archive/unfinished.ts';
import { createMemoryDisk, type MemoryDisk } from '../../src/storage/memory/memory-disk.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import {
  attachNode,
  createEvent,
  createRace,
  createToken,
  type RelayFixture,
  seedStream,
  startRelay,
} from './relay-fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'baton-archive-'));
const running: RelayFixture[] = [];

afterAll(async () => {
  await Promise.all(running.map((it) => it.close()));
  rmSync(directory, { recursive: true });
});

const open = async (
  disk: MemoryDisk = createMemoryDisk(),
  over: Partial<ReturnType<typeof createMemoryStore>> = {},
): Promise<RelayFixture> => {
  const store = { ...createMemoryStore(disk), ...over };
  const fixture = await startRelay({ store, http: { archive: { directory, store } } });
  running.push(fixture);
  return fixture;
};

const line = (chip: number, second: number): string =>
  `aa00058000000${String(chip).padStart(3, '0')}0a01260307${String(100000 + second)}000f`;

const lines = (count: number, from = 0): readonly string[] =>
  Array.from({ length: count }, (_, index) => (index % 7 === 3 ? `noise ${index}` : line(index % 200, from + index)));

const bytesOf = async ({ base }: RelayFixture, path: string, token: string): Promise<Buffer> => {
  const response = await fetch(`${base}${path}`, { headers: { Authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
};

const ADMIN = 'the-admin-token-of-this-test';

const exported = (fixture: RelayFixture, eventId: string): Promise<Buffer> =>
  bytesOf(fixture, `/api/v1/events/${eventId}/archive`, ADMIN);

const imported = (fixture: RelayFixture, file: Uint8Array<ArrayBuffer>) =>
  fixture.ask('POST', '/api/v1/events/import', { raw: file });

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

const status = async ({ ask }: RelayFixture, eventId: string, to: readonly string[]): Promise<void> => {
  for (const next of to) {
    const changed = await ask('PATCH', `/api/v1/events/${eventId}/status`, { body: { status: next } });
    expect([next, changed.status]).toEqual([next, 200]);
  }
};

/** An event with everything that an archive carries. */
const fill = async (fixture: RelayFixture, eventId: string): Promise<void> => {
  const { ask, core } = fixture;
  await createEvent(fixture, eventId);
  const race = await createRace(fixture, eventId);
  const other = await createRace(fixture, eventId, '5 km');
  const mat = await seedStream(fixture, eventId, `${eventId}-a.mat`, { 1: lines(3000), 2: ['x'], 4: lines(40, 9000) });
  await seedStream(fixture, eventId, `${eventId}-b.10.0.0.7~10000`, { 1: lines(1024, 500) });
  await ask('PUT', `/api/v1/streams/${mat}/epochs/1/race`, { body: { raceId: race.raceId } });
  await ask('POST', `/api/v1/events/${eventId}/roster`, {
    raw: 'bib,name,chip\n1,Ann,058000000001\n2,Bo,058000000002\n',
  });
  const results = [{ raceId: other.raceId, bib: '1', timeMs: 1_000_000 }];
  const told = await ask('POST', `/api/v1/events/${eventId}/ingest/results`, { body: { results } });
  expect(told.status).toBe(200);
  for (const [epoch, seq] of [
    [1, 3000],
    [2, 1],
  ] as const)
    await core.log.seal({ streamId: mat, epoch }, seq);
  await status(fixture, eventId, ['finished', 'official']);
};

const refusal = (answer: { readonly status: number; readonly body: unknown }) => [
  answer.status,
  (answer.body as { readonly code?: string }).code,
];

describe('an event as a file', () => {
  it('[P1] comes out of another relay byte for byte as it went in, and shows the same', async () => {
    const [first, second] = [await open(), await open()];
    await fill(first, 'gala');
    const file = await exported(first, 'gala');
    const taken = await imported(second, own(file));
    expect([taken.status, taken.body]).toEqual([
      200,
      { eventId: 'gala', kind: 'event', epochs: 4, reads: 3000 + 1 + 40 + 1024 },
    ]);
    expect((await exported(second, 'gala')).equals(file)).toBe(true);
    for (const path of [
      '/events/gala',
      '/events/gala/races',
      '/events/gala/official',
      '/streams/gala-a.mat/export.csv',
      '/streams/gala-b.10.0.0.7~10000/export.txt',
      '/streams/gala-a.mat/epochs',
    ]) {
      const [was, is] = [await first.ask('GET', `/api/v1${path}`), await second.ask('GET', `/api/v1${path}`)];
      expect([path, is.status, is.text]).toEqual([path, 200, was.text]);
    }
    expect(second.core.registry.tokens()).toEqual([]);
    expect([...first.defects, ...second.defects, ...readdirSync(directory)]).toEqual([]);
  });

  it('[P24] whose import fails in the middle, as nobody expected, leaves nothing, and can be imported again', async () => {
    const first = await open();
    await fill(first, 'cut');
    const file = own(await exported(first, 'cut'));
    const disk = createMemoryDisk();
    const store = createMemoryStore(disk);
    let fails = true;
    const second = await open(disk, {
      ...store,
      seal: (...which) => (fails ? Promise.reject(new Error('no such thing')) : store.seal(...which)),
    });
    expect((await imported(second, file)).status).toBe(500);
    expect(second.defects).toHaveLength(1);
    fails = false;
    expect((await imported(second, file)).status).toBe(200);
    expect((await exported(second, 'cut')).equals(Buffer.from(file))).toBe(true);
  });

  it('[P24] whose event finds no space leaves none of the results that were stored before it', async () => {
    const first = await open();
    await fill(first, 'cut');
    const file = own(await exported(first, 'cut'));
    const disk = createMemoryDisk();
    const store = createMemoryStore(disk);
    const factsOfCut = (): number => [...disk.facts.keys()].filter((it) => it.startsWith('cut/')).length;
    const before: number[] = [];
    const second = await open(disk, {
      ...store,
      commit: async (changes) => {
        if (!changes.some(({ type }) => type === 'putEvent')) return store.commit(changes);
        before.push(factsOfCut());
        return { type: 'storage-full', message: 'full' };
      },
    });
    expect(refusal(await imported(second, file))).toEqual([503, 'STORAGE_FULL']);
    expect([before.length, before[0] !== 0, factsOfCut(), second.defects]).toEqual([1, true, 0, []]);
  });

  it('[P5] [P24] that can neither be taken nor undone keeps its file, by which the next start deletes what was taken', async () => {
    const first = await open();
    await fill(first, 'cut');
    const file = own(await exported(first, 'cut'));
    const disk = createMemoryDisk();
    const store = createMemoryStore(disk);
    const second = await open(disk, {
      ...store,
      commit: async (changes) =>
        changes.some(({ type }) => type === 'putEvent' || type === 'deleteEvent')
          ? { type: 'storage-full', message: 'full' }
          : store.commit(changes),
    });
    expect((await imported(second, file)).status).toBe(500);
    expect(second.defects).toHaveLength(1);
    expect(unfinishedImports(directory)).toEqual(['cut']);
    expect(disk.facts.size).toBeGreaterThan(0);
    await loadWithoutUnfinished(createMemoryStore(disk), unfinishedImports(directory));
    expect([disk.facts.size, disk.docs.size, disk.streams.size]).toEqual([0, 0, 0]);
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
  });

  it('[P24] is refused when it is damaged, wherever, and nothing of it stays', async () => {
    const [first, second] = [await open(), await open()];
    await fill(first, 'hurt');
    const file = own(await exported(first, 'hurt'));
    const text = gunzipSync(file).toString('latin1');
    const packed = (changed: string): Uint8Array<ArrayBuffer> => own(gzipSync(Buffer.from(changed, 'latin1')));
    const rows = text.split('\n');
    const without = (index: number): string => rows.toSpliced(index, 1).join('\n');
    const flipped = (at: number): Uint8Array<ArrayBuffer> =>
      file.map((byte, index) => (index === at ? byte ^ 1 : byte));
    const damaged = [
      ...[0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map((share) => flipped(Math.floor(file.length * share))),
      file.subarray(0, file.length - 40),
      packed(text.slice(0, -30)),
      packed(text.replace('"bib":', '"bob":').replace('Event hurt', 'Event hart')),
      packed(`${text}{"end":{"lines":1,"reads":0,"sha256":"${'0'.repeat(64)}"}}\n`),
      packed(`${text}x`),
      ...[1, 2, 4, rows.length - 4, rows.length - 2].map((index) => packed(without(index))),
    ];
    for (const [index, bytes] of damaged.entries()) {
      const answer = await imported(second, own(bytes));
      expect([index, ...refusal(answer)]).toEqual([index, 400, 'ARCHIVE_DAMAGED']);
    }
    const list = await second.ask('GET', '/api/v1/events');
    expect([list.body, second.core.registry.streams('hurt' as never), readdirSync(directory)]).toEqual([
      { events: [] },
      [],
      [],
    ]);
    expect((await imported(second, file)).status).toBe(200);
  });

  it('is refused when it is another program’s, a later format’s, or here already', async () => {
    const fixture = await open();
    await fill(fixture, 'here');
    const file = own(await exported(fixture, 'here'));
    const text = gunzipSync(file).toString('latin1');
    const packed = (changed: string): Uint8Array<ArrayBuffer> => own(gzipSync(Buffer.from(changed, 'latin1')));
    expect(refusal(await imported(fixture, own(Buffer.from('bib,name\n1,Ann\n'))))).toEqual([400, 'ARCHIVE_FOREIGN']);
    expect(refusal(await imported(fixture, packed('{"archive":"tar"}\n')))).toEqual([400, 'ARCHIVE_FOREIGN']);
    expect(refusal(await imported(fixture, packed('')))).toEqual([400, 'ARCHIVE_FOREIGN']);
    expect(refusal(await imported(fixture, packed(text.replace('"format":1', '"format":2'))))).toEqual([
      400,
      'ARCHIVE_NEWER',
    ]);
    expect(refusal(await imported(fixture, file))).toEqual([409, 'EVENT_EXISTS']);
    // its event is gone, one of its streams belongs to another now
    const other = await open();
    await createEvent(other, 'else');
    await seedStream(other, 'else', 'here-a.mat', { 1: ['x'] });
    expect(refusal(await imported(other, file))).toEqual([409, 'EVENT_EXISTS']);
  });

  it('[P15] is the admin’s alone', async () => {
    const fixture = await open();
    await createEvent(fixture, 'closed');
    const token = await createToken(fixture, 'operator', 'closed');
    for (const [method, path] of [
      ['GET', '/events/closed/archive'],
      ['GET', '/events/closed/epochs/archive'],
      ['POST', '/events/closed/epochs/drop'],
      ['POST', '/events/import'],
    ] as const) {
      expect((await fixture.ask(method, `/api/v1${path}`, { token })).status).toBe(403);
      expect((await fixture.ask(method, `/api/v1${path}`, { token: null })).status).toBe(401);
    }
    expect(refusal(await fixture.ask('GET', '/api/v1/events/nobody/archive'))).toEqual([404, 'NOT_FOUND']);
  });

  it('[P5] that was cut off by a crash leaves nothing behind at the next start', async () => {
    const disk = createMemoryDisk();
    const first = await open(disk);
    await fill(first, 'kept');
    await fill(first, 'cut');
    // as a crash leaves it: the event’s record comes last
    disk.events.delete('cut' as never);
    const store = createMemoryStore(disk);
    const ofCut = (): readonly string[] =>
      [...disk.streams.keys(), ...disk.docs.keys(), ...disk.facts.keys()].filter((it) => it.includes('cut'));
    const left = ofCut();
    expect(left.filter((it) => it.startsWith('cut/official-rows/')).length).toBeGreaterThan(0);
    expect((await loadWithoutUnfinished(store, ['kept' as never])).streams.length).toBe(4);
    expect(ofCut()).toEqual(left);
    const records = await loadWithoutUnfinished(store, ['kept' as never, 'cut' as never]);
    expect(records.streams.map(({ eventId }) => eventId)).toEqual(['kept', 'kept']);
    expect(ofCut()).toEqual([]);
    const again = await open(disk);
    expect((await exported(again, 'kept')).length).toBeGreaterThan(1000);
  });
});

describe('sealed epochs of an official event', () => {
  const pull = ({ ask }: RelayFixture, clock: Readonly<Record<string, unknown>>) =>
    ask('POST', '/api/v1/events/old/pull', { body: { clock, targets: [{ streamId: 'old-a.mat', epoch: 1 }] } });

  it('[P9] [P24] leave the store for a file and come back; meanwhile heads stand and no pull has a hole', async () => {
    const disk = createMemoryDisk();
    const fixture = await open(disk);
    const { ask, core } = fixture;
    await fill(fixture, 'old');
    const whole = await exported(fixture, 'old');
    const before = await ask('GET', '/api/v1/streams/old-a.mat/epochs');
    const csv = await ask('GET', '/api/v1/streams/old-a.mat/export.csv');
    const file = own(await bytesOf(fixture, '/api/v1/events/old/epochs/archive', ADMIN));
    const epochs = core.registry
      .epochs('old-a.mat' as never)
      .flatMap(({ streamId, epoch, hash, sealed }) => (sealed ? { streamId, epoch, hash } : []));
    const wrong = epochs.map((it) => ({ ...it, hash: '0'.repeat(64) }));
    expect(refusal(await ask('POST', '/api/v1/events/old/epochs/drop', { body: { epochs: wrong } }))).toEqual([
      409,
      'CONFLICT',
    ]);
    const dropped = await ask('POST', '/api/v1/events/old/epochs/drop', { body: { epochs } });
    expect(dropped.body).toEqual({ epochs: 2, reads: 3001 });
    expect(disk.epochs.get('old-a.mat/1' as never)?.batches).toEqual([]);

    expect((await ask('GET', '/api/v1/streams/old-a.mat/epochs')).text).toBe(before.text);
    expect(refusal(await pull(fixture, {}))).toEqual([410, 'EPOCH_ARCHIVED']);
    expect((await pull(fixture, { 'old-a.mat': { 1: 3000 } })).body).toMatchObject({ batches: [], upToDate: true });
    for (const path of [
      '/streams/old-a.mat/export.txt',
      '/streams/old-a.mat/epochs/1/export.csv',
      '/streams/old-a.mat/epochs/1/chunks/0',
      '/streams/old-a.mat/epochs/1/tail/2999',
      '/streams/old-a.mat/reads?epoch=1',
      '/events/old/archive',
    ])
      expect([path, ...refusal(await ask('GET', `/api/v1${path}`))]).toEqual([path, 410, 'EPOCH_ARCHIVED']);
    expect((await ask('GET', '/api/v1/streams/old-a.mat/epochs/4/export.txt')).status).toBe(200);
    expect(refusal(await ask('GET', '/api/v1/events/old/epochs/archive'))).toEqual([409, 'CONFLICT']);
    // no review of what would change: it cannot be made of what is left
    const official = await ask('GET', '/api/v1/events/old/official');
    expect([official.status, Object.hasOwn(official.body as object, 'wouldChange')]).toEqual([200, false]);

    const again = await open(disk);
    expect(refusal(await pull(again, {}))).toEqual([410, 'EPOCH_ARCHIVED']);
    expect((await imported(again, file)).body).toEqual({ eventId: 'old', kind: 'epochs', epochs: 2, reads: 3001 });
    expect((await again.ask('GET', '/api/v1/streams/old-a.mat/export.csv')).text).toBe(csv.text);
    expect((await exported(again, 'old')).equals(whole)).toBe(true);
    // once more changes nothing
    expect((await imported(again, file)).status).toBe(200);
    expect((await exported(again, 'old')).equals(whole)).toBe(true);
    expect(refusal(await imported(await open(), file))).toEqual([409, 'CONFLICT']);
    expect([...fixture.defects, ...again.defects]).toEqual([]);
  });

  it('[P9] are no targets of a receiver that lacks them, which is told so; those that are here come', async () => {
    const fixture = await open();
    await fill(fixture, 'desk');
    const { hash } = fixture.core.registry.epoch({ streamId: 'desk-a.mat' as never, epoch: 1 }) ?? {};
    const epochs = [{ streamId: 'desk-a.mat', epoch: 1, hash }];
    expect((await fixture.ask('POST', '/api/v1/events/desk/epochs/drop', { body: { epochs } })).status).toBe(200);
    const selection = { mode: 'manual' as const, streams: ['desk-a.mat'] };
    const select = async (nodeId: string, clock: Readonly<Record<string, Readonly<Record<string, number>>>>) => {
      const token = await createToken(fixture, 'receiver', 'desk', nodeId);
      const node = await attachNode(fixture, token, { nodeId, eventId: 'desk', readers: [] });
      node.say({ type: 'select', selection, clock });
      node.say({ type: 'credit', reads: 10_000 });
      const [applied, caughtUp] = [await node.until('applied'), await node.until('caughtUp')];
      await node.close();
      const targets = (applied['targets'] as readonly { readonly epoch: number }[]).map(({ epoch }) => epoch);
      return { targets, warnings: applied['warnings'], clock: caughtUp['clock'] };
    };
    expect(await select('lacks', {})).toEqual({
      targets: [2, 4],
      warnings: [expect.objectContaining({ type: 'relay-behind', streamId: 'desk-a.mat', epoch: 1 })],
      clock: { 'desk-a.mat': { 2: 1, 4: 40 } },
    });
    expect(await select('holds', { 'desk-a.mat': { 1: 3000 } })).toMatchObject({ targets: [1, 2, 4], warnings: [] });
    expect(fixture.defects).toEqual([]);
  });

  it('stay while results are not official', async () => {
    const fixture = await open();
    await createEvent(fixture, 'live');
    expect(refusal(await fixture.ask('GET', '/api/v1/events/live/epochs/archive'))).toEqual([409, 'CONFLICT']);
    const epochs = [{ streamId: 'x.mat', epoch: 1, hash: '0'.repeat(64) }];
    expect(refusal(await fixture.ask('POST', '/api/v1/events/live/epochs/drop', { body: { epochs } }))).toEqual([
      409,
      'CONFLICT',
    ]);
  });
});
