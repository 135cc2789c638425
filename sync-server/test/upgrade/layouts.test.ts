import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeId } from '@baton/schema/ids';
import { RESULTS_VERSION } from '@baton/schema/results';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { examine } from '../../src/keeping/doctor/examine.ts';
import { DATABASE_FILE, openDatabase } from '../../src/storage/sqlite/database.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { MIGRATIONS } from '../../src/storage/sqlite/migrations/index.ts';
import { StoreOpenError } from '../../src/storage/store-error.ts';
import { openWorkerStore } from '../../src/storage/worker-store.ts';
import { attachNode, type RelayFixture, startRelay } from '../http/relay-fixture.ts';
import { temporaryDirectory } from '../storage/data-directory.ts';
import { RECORDED, type RecordedLayout, unpackLayout } from './recorded-layouts.ts';

const NEWEST = MIGRATIONS.length;

let directory = temporaryDirectory();
afterEach(() => {
  directory.remove();
  directory = temporaryDirectory();
});

/** A relay of today on a data directory, for as long as `use` runs. */
const withRelay = async (dataDir: string, use: (relay: RelayFixture) => Promise<void>): Promise<void> => {
  const failures: string[] = [];
  const store = await openWorkerStore({ dataDir, onFailure: (message) => failures.push(message) });
  const relay = await startRelay({ store });
  try {
    await use(relay);
    expect([...relay.defects, ...failures]).toEqual([]);
  } finally {
    await relay.close();
  }
};

const shaOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Only what speaks of the relay that answers, not of its data, is that of today. */
const ofToday = (json: unknown): unknown =>
  typeof json === 'object' && json !== null && 'currentVersion' in json
    ? { ...json, currentVersion: RESULTS_VERSION }
    : json;

/** Whatever the earlier relay said, this one says too, byte for byte where it is no JSON; it may say more. */
const expectSameAnswers = async ({ ask }: RelayFixture, recorded: RecordedLayout): Promise<void> => {
  for (const it of recorded.answers) {
    const now = await ask('GET', it.path);
    expect({ path: it.path, status: now.status }).toEqual({ path: it.path, status: it.status });
    if ('sha256' in it)
      expect({ path: it.path, sha256: shaOf(now.text) }).toEqual({ path: it.path, sha256: it.sha256 });
    else expect({ path: it.path, body: now.body }).toMatchObject({ path: it.path, body: ofToday(it.json) });
  }
};

const expectSameDocuments = async ({ core }: RelayFixture, recorded: RecordedLayout): Promise<void> => {
  for (const [name, roots] of Object.entries(recorded.documents)) {
    const held = await core.docs.hold(`events/${recorded.eventId}/${name}`);
    for (const [root, value] of Object.entries(roots)) expect(held.doc.getMap(root).toJSON()).toEqual(value);
    held.release();
  }
};

const expectSame = async (relay: RelayFixture, recorded: RecordedLayout): Promise<void> => {
  await expectSameAnswers(relay, recorded);
  await expectSameDocuments(relay, recorded);
  for (const it of recorded.cursors) {
    expect(relay.core.registry.cursors(NodeId.parse(it.receiverId))).toContainEqual(it);
  }
};

/** A copy of the files as they are at this moment: what a kill leaves. */
const imageOf = (dataDir: string, into: string): void => {
  mkdirSync(into);
  for (const file of [DATABASE_FILE, `${DATABASE_FILE}-wal`]) {
    if (existsSync(join(dataDir, file))) copyFileSync(join(dataDir, file), join(into, file));
  }
};

/** Images of an upgrade: in the middle of each step before its commit, and between the steps. */
const imagesOfUpgrade = (dataDir: string): readonly string[] => {
  const images: string[] = [];
  const db = new Database(join(dataDir, DATABASE_FILE));
  db.pragma('journal_mode = WAL');
  db.function('image', () => {
    const into = join(dataDir, `image-${images.length}`);
    imageOf(dataDir, into);
    images.push(into);
    return null;
  });
  for (const last of MIGRATIONS.keys()) {
    migrate(
      db,
      MIGRATIONS.slice(0, last + 1).map((it) => ({ ...it, sql: `${it.sql}; SELECT image();` })),
    );
    db.exec('SELECT image()');
  }
  db.close();
  return images;
};

/** Every row of every table, once today's program has opened the directory. */
const rowsAfterUpgrade = (dataDir: string): Readonly<Record<string, readonly unknown[]>> => {
  const db = openDatabase({ dataDir, lockWaitMs: 0, maxBytes: null });
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck();
  const rows = tables.all().map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all()] as const);
  db.close();
  return Object.fromEntries(rows);
};

describe('a data directory of an earlier relay', () => {
  it('[P26] [RN-29] there is a recording of every layout that was released', () => {
    const layouts = RECORDED.map((it) => it.layout);
    expect(layouts).toEqual(layouts.map((_, index) => index + 1));
    expect(layouts.length).toBeGreaterThanOrEqual(4);
    expect(layouts.length).toBeLessThanOrEqual(NEWEST);
  });

  it.each(RECORDED)('[P26] [RN-29] of layout $layout is served with every export equal', async (recorded) => {
    unpackLayout(recorded.layout, directory.path);
    await withRelay(directory.path, (relay) => expectSame(relay, recorded));
    expect(examine(directory.path)).toMatchObject({ ok: true, value: { findings: [], more: 0 } });
  });

  it.each(RECORDED)('[P1] [P26] of layout $layout goes on: its tokens, its numbers, its commands', async (recorded) => {
    unpackLayout(recorded.layout, directory.path);
    await withRelay(directory.path, async (relay) => {
      const hello = { nodeId: 'gate', eventId: recorded.eventId, readers: ['mat', 'far mat'] };
      const gate = await attachNode(relay, recorded.tokens['gate'] ?? '', hello);
      expect(await gate.until('welcome')).toMatchObject({ heads: { 'gate.mat': { 1: 1300, 2: 30 } } });
      expect(await gate.until('epochCommand')).toMatchObject({ streamId: 'gate.far~mat', epoch: 2 });
      await gate.push(2, 31, ['one more line']);
      expect(await gate.until('pushed')).toMatchObject({ entries: [{ outcome: 'accepted', head: 31 }] });
      await gate.close();
    });
  });

  it.each(RECORDED)('[P1] [RN-29] of layout $layout survives a kill at any moment of its upgrade', (recorded) => {
    unpackLayout(recorded.layout, directory.path);
    const images = imagesOfUpgrade(directory.path);
    expect(images.length).toBe(NEWEST + (NEWEST - recorded.layout));
    // the upgrade without a kill is the one whose exports are compared above
    unpackLayout(recorded.layout, directory.path);
    const whole = rowsAfterUpgrade(directory.path);
    expect(Object.keys(whole)).toContain('batches');
    for (const image of images) expect(rowsAfterUpgrade(image)).toEqual(whole);
    expect(rowsAfterUpgrade(directory.path)).toEqual(whole);
  });

  it('[P26] of a later layout is refused with one clear line, and left as it is', () => {
    unpackLayout(RECORDED.length, directory.path);
    const file = join(directory.path, DATABASE_FILE);
    const db = new Database(file);
    db.prepare('INSERT INTO layouts (version, name) VALUES (?, ?)').run(NEWEST + 1, 'of a later relay');
    db.close();
    const before = readFileSync(file);
    const open = (): unknown => openDatabase({ dataDir: directory.path, lockWaitMs: 0, maxBytes: null });
    expect(open).toThrow(StoreOpenError);
    expect(open).toThrow(
      `data directory ${directory.path} has layout ${NEWEST + 1}, this Baton knows up to ${NEWEST}: start the version that wrote it or a newer one, or restore a backup`,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
