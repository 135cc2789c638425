import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../src/storage/sqlite/migrate.ts';
import { MIGRATIONS } from '../../../src/storage/sqlite/migrations/index.ts';
import type { Migration } from '../../../src/storage/sqlite/migrations/migration.ts';

const STEPS: readonly Migration[] = [
  { version: 1, name: 'one', sql: 'CREATE TABLE one (value INTEGER); INSERT INTO one VALUES (1);' },
  { version: 2, name: 'two', sql: 'CREATE TABLE two (value INTEGER); UPDATE one SET value = value + 1;' },
];
const BROKEN: Migration = { version: 3, name: 'three', sql: 'CREATE TABLE three (value INTEGER); SELECT nonsense;' };

const layouts = (db: Database.Database): readonly unknown[] =>
  db.prepare('SELECT version FROM layouts ORDER BY version').pluck().all();

const tables = (db: Database.Database): readonly unknown[] =>
  db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();

describe('migrations of the data layout', () => {
  it('[RN-29] run once, in order, however often a relay starts', () => {
    const db = new Database(':memory:');
    expect(migrate(db, STEPS)).toEqual({ type: 'migrated', from: 0, to: 2 });
    expect(migrate(db, STEPS)).toEqual({ type: 'migrated', from: 2, to: 2 });
    expect(db.prepare('SELECT value FROM one').pluck().all()).toEqual([2]);
    expect(layouts(db)).toEqual([1, 2]);
  });

  it('[RN-29] bring an older layout up by the missing steps only', () => {
    const db = new Database(':memory:');
    migrate(db, STEPS.slice(0, 1));
    expect(migrate(db, STEPS)).toEqual({ type: 'migrated', from: 1, to: 2 });
    expect(db.prepare('SELECT value FROM one').pluck().all()).toEqual([2]);
  });

  it('[RN-29] a step that fails leaves the layout before it', () => {
    const db = new Database(':memory:');
    expect(() => migrate(db, [...STEPS, BROKEN])).toThrow('nonsense');
    expect(layouts(db)).toEqual([1, 2]);
    expect(tables(db)).toEqual(['layouts', 'one', 'two']);
  });

  it('[RN-29] leave a newer layout and another program’s database untouched', () => {
    const newer = new Database(':memory:');
    migrate(newer, STEPS);
    expect(migrate(newer, STEPS.slice(0, 1))).toEqual({ type: 'newer-layout', found: 2, known: 1 });
    const foreign = new Database(':memory:');
    foreign.exec('CREATE TABLE theirs (value)');
    expect(migrate(foreign, STEPS)).toEqual({ type: 'foreign-database' });
    expect(tables(foreign)).toEqual(['theirs']);
  });

  it('[RN-29] are numbered 1, 2, 3 …', () => {
    expect(MIGRATIONS.map((it) => it.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });
});
