import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamId } from '@baton/schema/ids';
import type { Read } from '@baton/schema/reads';
import { ADD_TO_CHIP_TOTALS, CHIP_TOTALS_COLUMNS, COPY_READS, pendingMigrations, RAISE_CLOCK } from '@baton/schema/sql';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { now, ownCpuMs } from './measure.ts';

/** Rows of one `COPY`, as a replica stores them while history comes. */
export const COPY_ROWS = 10_000;

/** Consecutive reads of epoch 1 of a stream, with the position of the first. */
interface Portion {
  readonly streamId: StreamId;
  readonly reads: readonly Read[];
  readonly firstSeq: number;
  readonly firstPos: number;
}

export interface CopySource {
  readonly streamId: StreamId;
  readonly reads: () => readonly Read[];
}

function* portionsOf(sources: readonly CopySource[]): Iterable<Portion> {
  let pos = 1;
  for (const { streamId, reads: make } of sources) {
    const all = make();
    for (let at = 0; at < all.length; at += COPY_ROWS) {
      const reads = all.slice(at, at + COPY_ROWS);
      yield { streamId, reads, firstSeq: at + 1, firstPos: pos };
      pos += reads.length;
    }
  }
}

const copyText = ({ streamId, reads, firstSeq, firstPos }: Portion): string =>
  reads
    .map(
      (read, index) =>
        `${streamId}\t1\t${firstSeq + index}\t${firstPos + index}\t${read.readerTime}\t${read.receivedAt}\t${read.chip}\t` +
        `${read.kind}\t\\\\x${Buffer.from(read.raw).toString('hex')}\n`,
    )
    .join('');

const openTables = async (folder: string): Promise<PGlite> => {
  const db = new PGlite(folder);
  await db.waitReady;
  for (const migration of pendingMigrations(0)) await db.exec(migration.sql);
  return db;
};

const inFolder = async <T>(run: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-copy-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export interface CopyCost {
  readonly seconds: number;
  /** Of this process, all threads. */
  readonly cpuSeconds: number;
}

/** The bare primitive: `COPY` of the rows into the replica's tables, nothing else; making the text not counted. */
export const bareCopy = (sources: readonly CopySource[]): Promise<CopyCost> =>
  inFolder(async (folder) => {
    const db = await openTables(folder);
    let [ms, cpuMs] = [0, 0];
    for (const portion of portionsOf(sources)) {
      const blob = new Blob([copyText(portion)]);
      const [from, cpuFrom] = [now(), ownCpuMs()];
      await db.query(COPY_READS, [], { blob });
      ms += now() - from;
      cpuMs += ownCpuMs() - cpuFrom;
    }
    await db.close();
    return { seconds: ms / 1000, cpuSeconds: cpuMs / 1000 };
  });

const clockJson = ({ streamId, reads, firstSeq, firstPos }: Portion): string => {
  const last = reads.length - 1;
  const [first, latest] = [reads[0]?.receivedAt ?? 0, reads[last]?.receivedAt ?? 0];
  const held = { stream_id: streamId, epoch: 1, seq: firstSeq + last, pos: firstPos + last };
  return JSON.stringify([{ ...held, first_received_at: first, last_received_at: latest }]);
};

interface Total {
  readonly stream_id: StreamId;
  readonly epoch: number;
  readonly chip: string;
  reads: number;
  readonly first_seq: number;
  last_seq: number;
  last_received_at: number;
}

const totalsOf = ({ streamId, reads, firstSeq }: Portion): readonly Total[] => {
  const totals = new Map<string, Total>();
  for (const [index, { chip, receivedAt }] of reads.entries()) {
    if (chip === null) continue;
    const seq = firstSeq + index;
    const fresh = { reads: 0, first_seq: seq, last_seq: 0, last_received_at: 0 };
    const total = totals.get(chip) ?? { stream_id: streamId, epoch: 1, chip, ...fresh };
    total.reads++;
    total.last_seq = seq;
    total.last_received_at = receivedAt;
    totals.set(chip, total);
  }
  return [...totals.values()];
};

/** As a replica does it: chips that have no row yet by COPY, the others raised. */
const addTotals = async (tx: Transaction, portion: Portion, known: Set<string>): Promise<void> => {
  const totals = totalsOf(portion).map((it) => ({ ...it, isNew: !known.has(`${it.stream_id} ${it.chip}`) }));
  const fresh = totals.filter((it) => it.isNew);
  const lines = fresh.map((it) => `${CHIP_TOTALS_COLUMNS.map((column) => it[column]).join('\t')}\n`);
  const into = `chip_totals (${CHIP_TOTALS_COLUMNS.join(', ')})`;
  await tx.query(`COPY ${into} FROM '/dev/blob'`, [], { blob: new Blob([lines.join('')]) });
  const more = totals.filter((it) => !it.isNew);
  const lists = (['chip', 'reads', 'last_seq', 'last_received_at'] as const).map(
    (column) => `{${more.map((it) => it[column]).join(',')}}`,
  );
  await tx.query(ADD_TO_CHIP_TOTALS, [portion.streamId, 1, ...lists]);
  for (const it of fresh) known.add(`${it.stream_id} ${it.chip}`);
};

/** Milliseconds of one transaction: reads and clock, with or without the roll-up (of chips `known`); summing up counts with it. */
const storeOnce = async (db: PGlite, portion: Portion, known: Set<string> | null): Promise<number> => {
  const blob = new Blob([copyText(portion)]);
  const from = now();
  await db.transaction(async (tx) => {
    await tx.query(COPY_READS, [], { blob });
    if (known !== null) await addTotals(tx, portion, known);
    await tx.query(RAISE_CLOCK, [clockJson(portion)]);
  });
  return now() - from;
};

export interface RollUpCost {
  readonly withoutSeconds: number;
  readonly withSeconds: number;
}

/** The same transactions into two databases, portion by portion in turn, one with the roll-up by chip and one without. */
export const rollUpCost = (sources: readonly CopySource[]): Promise<RollUpCost> =>
  inFolder(async (folder) => {
    const [plain, rolled] = [await openTables(join(folder, 'plain')), await openTables(join(folder, 'rolled'))];
    const known = new Set<string>();
    let [withoutMs, withMs] = [0, 0];
    for (const portion of portionsOf(sources)) {
      withoutMs += await storeOnce(plain, portion, null);
      withMs += await storeOnce(rolled, portion, known);
    }
    await Promise.all([plain.close(), rolled.close()]);
    return { withoutSeconds: withoutMs / 1000, withSeconds: withMs / 1000 };
  });
