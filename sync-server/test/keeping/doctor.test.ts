import { randomBytes, randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { headLine } from '@baton/schema/archive';
import { EventId } from '@baton/schema/ids';
import { encodeBatch, readFromLine } from '@baton/schema/reads';
import {
  EVENT_A,
  eventRecord,
  FORWARDER,
  RECEIVER,
  STREAM,
  streamRecord,
  tokenRecord,
} from '@baton/testkit/store-fixtures';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { examine } from '../../src/keeping/doctor/examine.ts';
import { isDamage } from '../../src/keeping/doctor/findings.ts';
import { repair } from '../../src/keeping/doctor/repair.ts';
import { openDatabase } from '../../src/storage/sqlite/database.ts';
import { pack } from '../../src/storage/sqlite/packed-updates.ts';
import { createSqliteCore, openSqliteCore } from '../../src/storage/sqlite/sqlite-core.ts';
import { StoreOpenError } from '../../src/storage/store-error.ts';

const root = mkdtempSync(join(tmpdir(), 'baton-doctor-'));
const source = join(root, 'source');
const file = join(source, 'relay.db');
let made = 0;

const batchOf = (count: number, from: number): Uint8Array =>
  encodeBatch(
    Array.from({ length: count }, (_, index) => readFromLine(Buffer.from(`line ${from + index}`), from + index)),
  );

const updateOf = (text: string): Uint8Array => {
  const doc = new Y.Doc();
  doc.getMap('races').set(text, `a race called ${text}`);
  return Y.encodeStateAsUpdate(doc);
};

/** Something in every table, in one file without a log beside it. */
const fillSource = (): void => {
  const db = openDatabase({ dataDir: source, lockWaitMs: 0, maxBytes: null });
  const core = createSqliteCore(db, source);
  const append = (epoch: number, firstSeq: number, count: number) => ({
    type: 'append' as const,
    command: { streamId: STREAM, epoch, firstSeq, batch: batchOf(count, 1000 * epoch + firstSeq) },
  });
  const attachment = {
    attachmentId: 'a1',
    nodeId: FORWARDER,
    eventId: EVENT_A,
    role: 'forwarder' as const,
    label: 'Gate "north"',
    clientVersion: '1.10',
    capabilities: { forward: true },
    declared: true,
    attachedAt: 1_772_870_400_000,
  };
  const replies = core.write([
    {
      type: 'commit',
      changes: [
        { type: 'putEvent', event: eventRecord(EVENT_A, { location: 'Lyon', minClientVersion: '0.1' }) },
        { type: 'putToken', token: tokenRecord('t1', { label: 'desk', expiresAt: 1_900_000_000_000 }) },
        { type: 'putStream', stream: streamRecord(STREAM, { currentEpoch: 3, commandedEpoch: 4 }) },
        { type: 'raiseCursors', cursors: [{ receiverId: RECEIVER, streamId: STREAM, epoch: 1, seq: 40 }] },
        { type: 'attachNode', attachment },
        { type: 'putDayUses', uses: [{ owner: 'token/t1', hours: [{ hour: 492_000, bytes: 4711 }] }] },
        { type: 'putFacts', facts: [{ eventId: EVENT_A, kind: 'official', key: 'k', bytes: Buffer.from('{"a":1}') }] },
      ],
    },
    append(1, 1, 60),
    append(1, 61, 60),
    append(2, 1, 40),
    append(3, 1, 500),
    { type: 'appendDoc', name: `events/${EVENT_A}/setup`, updates: pack(updateOf('10 km')) },
    { type: 'appendDoc', name: `events/${EVENT_A}/roster`, updates: pack(updateOf('Ann')) },
  ]);
  expect(replies.map(({ type }) => type).filter((type) => type !== 'committed' && type !== 'accepted')).toEqual([]);
  const sealing = core.startSealing({ streamId: STREAM, epoch: 1, head: 120 });
  const step = sealing.step();
  if (step.type !== 'hashed') throw new Error(step.type);
  core.finishSealing({ streamId: STREAM, epoch: 1, head: 120 }, step.hash);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.exec('VACUUM');
  db.pragma('wal_checkpoint(TRUNCATE)');
  core.close();
};

/** A copy of the directory, bent before it is looked at. */
const copyOf = (bend: (path: string) => void): string => {
  const directory = join(root, `copy-${++made}`);
  mkdirSync(directory);
  copyFileSync(file, join(directory, 'relay.db'));
  bend(join(directory, 'relay.db'));
  return directory;
};

const bySql = (sql: string): string =>
  copyOf((path) => {
    const db = new Database(path);
    for (const name of db.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
      db.exec(`DROP TRIGGER ${name.name}`);
    db.exec(sql);
    db.close();
  });

const linesOf = (directory: string): readonly string[] => {
  const report = examine(directory);
  if (!report.ok) throw new Error(report.error.message);
  return report.value.findings.filter(isDamage).map(({ table, where, message }) => `${table} ${where}: ${message}`);
};

/** Bytes of the file that hold content of a table or an index: leaf cells, and what overflows from them. */
const contentOf = (name: string): readonly number[] => {
  const db = new Database(file, { readonly: true });
  const bytes = readFileSync(file);
  const pages = db
    .prepare<[string], { pageno: number; pagetype: string; pgsize: number; pgoffset: number; unused: number }>(
      'SELECT pageno, pagetype, pgsize, pgoffset, unused FROM dbstat WHERE name = ?',
    )
    .all(name);
  db.close();
  return pages.flatMap(({ pagetype, pgsize, pgoffset, unused }) => {
    if (pagetype === 'internal') return [];
    const from = pagetype === 'leaf' ? bytes.readUInt16BE(pgoffset + 5) : 4;
    const until = pagetype === 'leaf' ? pgsize : pgsize - unused;
    return Array.from({ length: until - from }, (_, index) => pgoffset + from + index);
  });
};

/** Every value of every row. A bit that nobody reads, as that of the empty place of a row’s number, changes nothing of it. */
const contentsOf = (directory: string): string => {
  const db = new Database(join(directory, 'relay.db'), { readonly: true });
  try {
    return JSON.stringify(TABLES.map((table) => db.prepare(`SELECT * FROM ${table} NOT INDEXED`).all()));
  } catch {
    return 'cannot be read';
  } finally {
    db.close();
  }
};

const TABLES = [
  'events',
  'tokens',
  'streams',
  'epochs',
  'batches',
  'cursors',
  'docs',
  'doc_updates',
  'attachments',
  'event_facts',
  'event_sizes',
  'day_uses',
  'layouts',
] as const;

beforeAll(fillSource);
afterAll(() => rmSync(root, { recursive: true }));

describe('the doctor', () => {
  it('looks at every table, and finds nothing in a sound directory', () => {
    const report = examine(source);
    expect(report).toMatchObject({ ok: true, value: { findings: [], more: 0 } });
    const db = new Database(file, { readonly: true });
    const tables = db
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all();
    db.close();
    expect(tables.map(({ name }) => name).sort()).toEqual([...TABLES].sort());
    if (report.ok) expect(Object.keys(report.value.counts).sort()).toEqual([...TABLES].sort());
  });

  it.each(TABLES)('[P24] finds a flipped bit in %s, wherever in the content of its rows', (table) => {
    const places = contentOf(table);
    expect(places.length).toBeGreaterThan(15);
    const whole = readFileSync(file);
    const contents = contentsOf(source);
    const step = Math.max(1, Math.floor(places.length / 24));
    const directory = copyOf(() => {});
    const missed: string[] = [];
    for (let index = 0; index < places.length; index += step) {
      const at = places[index] ?? 0;
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (index % 8));
      writeFileSync(join(directory, 'relay.db'), bytes);
      if (linesOf(directory).length === 0 && contentsOf(directory) !== contents)
        missed.push(`byte ${at}, bit ${index % 8}`);
    }
    expect(missed).toEqual([]);
  });

  it('[P24] says which row it is, in each table whose rows have a checksum, and the relay does not start on it', () => {
    for (const [sql, line] of [
      ["UPDATE events SET title = 'Another'", `events event_id ${EVENT_A}: its checksum does not fit`],
      ["UPDATE tokens SET role = 'admin'", 'tokens token_id t1: its checksum does not fit'],
      ['UPDATE streams SET accepted = accepted + 1', 'streams stream_ref 1: its checksum does not fit'],
      [
        'UPDATE epochs SET first_read_at = 5 WHERE epoch = 2',
        'epochs stream_ref 1, epoch 2: its checksum does not fit',
      ],
      [
        'UPDATE cursors SET seq = 41',
        `cursors receiver_id ${RECEIVER}, stream_ref 1, epoch 1: its checksum does not fit`,
      ],
      [
        `UPDATE docs SET name = 'events/${EVENT_A}/raster' WHERE doc_ref = 2`,
        'docs doc_ref 2: its checksum does not fit',
      ],
      [
        "UPDATE attachments SET standing = 'revoked'",
        `attachments node_id ${FORWARDER}, event_id ${EVENT_A}: its checksum does not fit`,
      ],
      ["UPDATE day_uses SET hours = '[]'", 'day_uses owner token/t1: its checksum does not fit'],
    ] as const) {
      const directory = bySql(sql);
      expect(linesOf(directory)).toContain(line);
      const open = () => openSqliteCore({ dataDir: directory, lockWaitMs: 0, maxBytes: null });
      expect(open).toThrow(StoreOpenError);
      expect(open).toThrow('is damaged');
    }
  });

  it('[P24] finds rows that belong to nothing', () => {
    for (const [sql, line] of [
      ['DELETE FROM epochs WHERE epoch = 2', 'its epoch is not there'],
      ['DELETE FROM streams', 'its stream is not there'],
      ['DELETE FROM docs WHERE doc_ref = 1', 'its document is not there'],
      ["UPDATE sqlite_sequence SET seq = 0 WHERE name = 'docs'", 'sqlite_sequence docs: it ends at 0, the rows at 2'],
      [
        'DROP INDEX attachments_one_place',
        'sqlite_schema index attachments_one_place: it is not as the layout makes it',
      ],
    ] as const)
      expect(linesOf(bySql(sql)).some((it) => it.includes(line))).toBe(true);
  });
});

describe('the repair', () => {
  const outcome = async (directory: string): Promise<string> => {
    const repaired = await repair(directory);
    return repaired.ok ? String(repaired.value.before !== null) : repaired.error.message;
  };

  it('[P24] counts a size again that does not fit the rows', async () => {
    for (const sql of [
      'UPDATE event_sizes SET bytes = bytes + 1',
      'DELETE FROM event_sizes',
      "INSERT INTO event_sizes VALUES ('nobody', 5)",
    ]) {
      const directory = copyOf((path) => {
        const db = new Database(path);
        db.exec(sql);
        db.close();
      });
      expect(linesOf(directory).join()).toMatch(/^event_sizes \S+: it tells \d+ bytes, the rows have \d+$/u);
      expect(await outcome(directory)).toBe('true');
      expect(linesOf(directory)).toEqual([]);
    }
  });

  it('makes a damaged index again, and keeps the data as they were beside', async () => {
    for (const index of ['batches_by_seq', 'attachments_one_place', 'sqlite_autoindex_streams_1']) {
      const directory = copyOf((path) => {
        const at = contentOf(index).at(-3) ?? 0;
        const bytes = readFileSync(path);
        bytes[at] = (bytes[at] ?? 0) ^ 2;
        writeFileSync(path, bytes);
      });
      const before = readFileSync(join(directory, 'relay.db'));
      expect(linesOf(directory).join()).toContain(index);
      expect([index, await outcome(directory)]).toEqual([index, 'true']);
      expect(linesOf(directory)).toEqual([]);
      const files = readdirSync(directory).filter((name) => !/-(?:wal|shm)$/u.test(name));
      expect(files.sort()).toEqual(['relay.db', 'relay.db.before-repair']);
      expect(readFileSync(join(directory, 'relay.db.before-repair')).equals(before)).toBe(true);
      openSqliteCore({ dataDir: directory, lockWaitMs: 0, maxBytes: null }).close();
    }
  });

  it('[P24] never takes a damaged row for a whole one, and then changes nothing', async () => {
    // sizes are no rows of their own: they are counted again
    for (const table of TABLES.filter((it) => it !== 'event_sizes')) {
      const at = contentOf(table).at(-2) ?? 0;
      const directory = copyOf((path) => {
        const bytes = readFileSync(path);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      });
      const before = readFileSync(join(directory, 'relay.db'));
      expect([table, await outcome(directory)]).toEqual([table, expect.stringContaining('restore a backup')]);
      expect([table, readdirSync(directory)]).toEqual([table, ['relay.db']]);
      expect(readFileSync(join(directory, 'relay.db')).equals(before)).toBe(true);
    }
  });

  it('takes away what an import left that was cut, and finds nothing to do in a sound directory', async () => {
    const directory = copyOf((path) => {
      const db = new Database(path);
      db.exec(`DROP TRIGGER docs_crc_added; INSERT INTO docs (doc_ref, name) VALUES (9, 'events/cut/setup')`);
      db.close();
    });
    expect(await outcome(directory)).toContain('restore a backup'); // its trigger is gone, and its row has no checksum
    expect(await outcome(copyOf(() => {}))).toBe('false');
    const cut = copyOf((path) => {
      const core = openSqliteCore({ dataDir: join(path, '..'), lockWaitMs: 0, maxBytes: null });
      core.write([{ type: 'appendDoc', name: 'events/cut/setup', updates: pack(updateOf('x')) }]);
      core.close();
    });
    expect(linesOf(cut)).toEqual(['docs events/cut/setup: its event is not there']);
    expect(await outcome(cut)).toContain('restore a backup');
    // the file of the import lies there, cut as well
    const spooled = gzipSync(
      `${headLine({ kind: 'event', eventId: EventId.parse('cut') })}\n${randomBytes(4000).toString('hex')}`,
    );
    writeFileSync(join(cut, `import-${randomUUID()}.part`), spooled.subarray(0, spooled.length - 1000));
    const report = examine(cut);
    expect(report).toMatchObject({ ok: true, value: { findings: [{ table: 'docs', cure: 'leftover' }] } });
    expect(await outcome(cut)).toBe('true');
    expect(examine(cut)).toMatchObject({ ok: true, value: { findings: [] } });
    const used = openSqliteCore({ dataDir: cut, lockWaitMs: 0, maxBytes: null });
    expect(await outcome(cut)).toContain('is in use');
    used.close();
  });
});
