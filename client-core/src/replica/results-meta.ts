import { PUT_META } from '@baton/schema/sql';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';

/**
 * What results were computed from, in `meta`: `results_pos`, the position up to which they contain the reads, and
 * `results_inputs`, the count `inputs` at that time. `inputs` counts all that changed besides reads that were added:
 * setup, and epochs that were dropped.
 */
export interface ResultsMeta {
  readonly pos: number;
  readonly inputs: number;
  /** As it is now. */
  readonly currentInputs: number;
}

const KEYS = { pos: 'results_pos', inputs: 'results_inputs', current: 'inputs' } as const;

export const readResultsMeta = async (db: PGliteInterface): Promise<ResultsMeta> => {
  const keys = Object.values(KEYS);
  const { rows } = await db.query<{ key: string; value: string }>(
    'SELECT key, value FROM meta WHERE key = ANY($1::text[])',
    [keys],
  );
  const numbers = new Map(rows.map(({ key, value }) => [key, Number(value)]));
  const of = (key: string): number => numbers.get(key) ?? 0;
  return { pos: of(KEYS.pos), inputs: of(KEYS.inputs), currentInputs: of(KEYS.current) };
};

export const bumpInputs = (tx: Transaction) =>
  tx.query(
    `INSERT INTO meta (key, value) VALUES ($1, '1')
     ON CONFLICT (key) DO UPDATE SET value = (meta.value::bigint + 1)::text`,
    [KEYS.current],
  );

export const putResultsMeta = async (tx: Transaction, pos: number, inputs: number): Promise<void> => {
  await tx.query(PUT_META, [KEYS.pos, `${pos}`]);
  await tx.query(PUT_META, [KEYS.inputs, `${inputs}`]);
};
