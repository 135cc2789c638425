import { StreamId } from '@baton/schema/ids';
import { type Pair, pairKey } from '@baton/schema/reads';
import type { PGliteInterface } from '@electric-sql/pglite';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** An epoch was compared with what the relay sealed. */
export interface SealVerdict extends Pair {
  readonly type: 'checked';
  readonly match: boolean;
}

export type VerifyStep = { readonly type: 'idle' } | { readonly type: 'more' } | SealVerdict;

/**
 * Compares sealed epochs that are wholly held with the relay's hash, piece by piece, so that reads are stored in between.
 * Each epoch is compared once after every open, for a disk may change what was right before.
 */
export interface SealCheck {
  readonly step: () => Promise<VerifyStep>;
  /** What is held of this epoch is gone. */
  readonly forget: (pair: Pair) => void;
}

/** Lines hashed in one step. */
const LINES = 4096;

const NEXT = `SELECT stream_id, epoch, head, hash FROM progress
  WHERE sealed AND hash IS NOT NULL AND held = head
    AND NOT (stream_id || '/' || epoch || ' ' || hash) = ANY ($1::text[])
  ORDER BY held_hash IS NOT NULL, stream_id, epoch LIMIT 1`;

/** Put together by Postgres: thousands of rows as one value cost a tenth of as many values. */
const PIECE = `SELECT coalesce(string_agg(raw || '\\x0a'::bytea, ''::bytea ORDER BY seq), ''::bytea) AS lines,
    count(*) AS count, coalesce(max(seq), 0) AS last
  FROM (SELECT seq, raw FROM reads WHERE stream_id = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT ${LINES}) AS piece`;

const STORE = `UPDATE epochs SET held_hash = $3, checked_count = $4, checked_at = now(),
    repairs = CASE WHEN hash = $3 AND head = $4 THEN 0 ELSE repairs END
  WHERE stream_id = $1 AND epoch = $2`;

interface Under extends Pair {
  readonly head: number;
  readonly hash: string;
  readonly sha: ReturnType<typeof sha256.create>;
  count: number;
  last: number;
}

const doneKey = ({ streamId, epoch, hash }: Pick<Under, 'streamId' | 'epoch' | 'hash'>): string =>
  `${pairKey(streamId, epoch)} ${hash}`;

export const createSealCheck = (db: PGliteInterface): SealCheck => {
  /** Compared since the open. */
  const done = new Set<string>();
  let under: Under | null = null;

  const begin = async (): Promise<Under | null> => {
    const { rows } = await db.query<{ stream_id: string; epoch: number; head: number; hash: string }>(NEXT, [
      [...done],
    ]);
    const [row] = rows;
    if (row === undefined) return null;
    const { stream_id, epoch, head, hash } = row;
    return { streamId: StreamId.parse(stream_id), epoch, head, hash, sha: sha256.create(), count: 0, last: 0 };
  };

  const conclude = async (it: Under): Promise<SealVerdict> => {
    under = null;
    done.add(doneKey(it));
    const held = bytesToHex(it.sha.digest());
    await db.query(STORE, [it.streamId, it.epoch, held, it.count]);
    const { streamId, epoch } = it;
    return { type: 'checked', streamId, epoch, match: held === it.hash && it.count === it.head };
  };

  return {
    step: async () => {
      under ??= await begin();
      const it = under;
      if (it === null) return { type: 'idle' };
      const { rows } = await db.query<{ lines: Uint8Array; count: number; last: number }>(PIECE, [
        it.streamId,
        it.epoch,
        it.last,
      ]);
      const [piece] = rows;
      if (piece === undefined || piece.count === 0) return conclude(it);
      it.sha.update(piece.lines);
      it.count += piece.count;
      it.last = piece.last;
      return piece.count < LINES ? conclude(it) : { type: 'more' };
    },
    forget: (pair) => {
      const key = pairKey(pair.streamId, pair.epoch);
      if (under !== null && pairKey(under.streamId, under.epoch) === key) under = null;
      for (const it of [...done]) if (it.startsWith(`${key} `)) done.delete(it);
    },
  };
};
