import type { Target } from '@baton/schema/protocol';
import { PUT_META } from '@baton/schema/sql';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import { toJson } from './json-rows.ts';
import { SETUP_TABLES, type SetupRows } from './setup-rows.ts';
import { fillTable, PUT_EPOCH_NAMES, PUT_HEADS, READ_META } from './statements.ts';

/** Replaces the tables of setup and roster as a whole. */
export const replaceSetup = (db: PGliteInterface, setup: SetupRows): Promise<void> =>
  db.transaction(async (tx) => {
    for (const table of SETUP_TABLES) {
      await tx.exec(`DELETE FROM ${table}`);
      if (setup[table].length > 0) await tx.query(fillTable(table), [toJson(setup[table])]);
    }
    await tx.exec('UPDATE epochs SET name = NULL WHERE name IS NOT NULL');
    await tx.query(PUT_EPOCH_NAMES, [toJson(setup.epochNames)]);
  });

const TARGETS_KEY = 'targets';

const putHeads = (tx: Transaction, targets: readonly Target[]) =>
  tx.query(PUT_HEADS, [toJson(targets.map(({ streamId, ...it }) => ({ ...it, stream_id: streamId })))]);

/** Keeps the targets as they are, and their heads beside the epochs for SQL. */
export const putTargets = (db: PGliteInterface, targets: readonly Target[]): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.query(PUT_META, [TARGETS_KEY, JSON.stringify(targets)]);
    await putHeads(tx, targets);
  });

/** Targets as `putTargets` stored them; none in a fresh replica. */
export const readTargets = async (db: PGliteInterface): Promise<readonly Target[]> => {
  const found = await db.query<{ value: string }>(READ_META, [TARGETS_KEY]);
  const value = found.rows[0]?.value;
  return value === undefined ? [] : JSON.parse(value);
};
