import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrate } from '../../../src/storage/sqlite/migrate.ts';
import { MIGRATIONS } from '../../../src/storage/sqlite/migrations/index.ts';

/** The data directory of a relay whose newest layout was 1: an event with a token, a stream, its epoch and a cursor. */
export const writeLayoutOne = (dataDir: string, file: string): void => {
  mkdirSync(dataDir, { recursive: true });
  const db = new Database(join(dataDir, file));
  migrate(db, MIGRATIONS.slice(0, 1));
  db.exec(`
    INSERT INTO events VALUES ('spring-run', 'Spring Run', '2026-03-07', 'Europe/Paris', NULL, 'running', 1, '1.0', 1);
    INSERT INTO tokens VALUES ('t1', 'hash', 'forwarder', 'spring-run', 'gate', NULL, 1, NULL);
    INSERT INTO streams (stream_id, event_id, forwarder_id, reader, current_epoch, commanded_epoch, created_at, accepted)
      VALUES ('gate.mat', 'spring-run', 'gate', 'mat', 2, NULL, 1, 7);
    INSERT INTO epochs (stream_ref, epoch, head) VALUES (1, 1, 0), (1, 2, 0);
    INSERT INTO cursors VALUES ('tent', 1, 1, 3);
  `);
  db.close();
};
