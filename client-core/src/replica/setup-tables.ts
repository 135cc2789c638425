import type { Target } from '@baton/schema/protocol';
import { PUT_META } from '@baton/schema/sql';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import { toJson } from './json-rows.ts';
import { bumpInputs } from './results-meta.ts';
import { type StoredSetup, setupFromRows } from './setup-from-rows.ts';
import { SETUP_TABLES, type SetupRows, type SetupTable, setupShape } from './setup-rows.ts';
import { PUT_EPOCH_NAMES, PUT_HEADS, READ_META } from './statements.ts';
import { loadTableMirror, type TableChange, type TableMirror, writeChange } from './table-mirror.ts';

/** The tables of setup and roster: replaced as a whole, written as a difference. */
export interface SetupTables {
  /** False: they were so already. */
  readonly replace: (setup: SetupRows) => Promise<boolean>;
  readonly read: () => Promise<StoredSetup>;
}

const putNames = async (tx: Transaction, names: SetupRows['epochNames']): Promise<void> => {
  const json = toJson(names);
  await tx.query(CLEAR_EPOCH_NAMES, [json]);
  await tx.query(PUT_EPOCH_NAMES, [json]);
};

const CLEAR_EPOCH_NAMES = `UPDATE epochs e SET name = NULL WHERE name IS NOT NULL AND NOT EXISTS (
  SELECT FROM json_populate_recordset(NULL::epochs, $1) n WHERE n.stream_id = e.stream_id AND n.epoch = e.epoch)`;

/** Tables are read when they are first needed: an open must be quick. */
export const createSetupTables = (db: PGliteInterface): SetupTables => {
  let loading: Promise<ReadonlyMap<SetupTable, TableMirror>> | null = null;

  const load = async (): Promise<ReadonlyMap<SetupTable, TableMirror>> => {
    const mirrors = new Map<SetupTable, TableMirror>();
    for (const table of SETUP_TABLES) mirrors.set(table, await loadTableMirror(db, setupShape(table)));
    return mirrors;
  };

  const mirrors = (): Promise<ReadonlyMap<SetupTable, TableMirror>> => {
    loading ??= load();
    return loading;
  };

  return {
    replace: async (setup) => {
      const changes: (readonly [TableMirror, TableChange])[] = [];
      for (const [table, mirror] of await mirrors()) {
        const change = mirror.compare(setup[table]);
        if (change !== null) changes.push([mirror, change]);
      }
      await db.transaction(async (tx) => {
        for (const [{ shape }, change] of changes) await writeChange(tx, shape, change);
        await putNames(tx, setup.epochNames);
        if (changes.length > 0) await bumpInputs(tx);
      });
      for (const [mirror, change] of changes) mirror.accept(change);
      return changes.length > 0;
    },
    read: async () => {
      const held = await mirrors();
      return setupFromRows((table) => held.get(table)?.rows() ?? []);
    },
  };
};

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
