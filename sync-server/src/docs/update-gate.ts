import { err, ok, type Result } from '@baton/schema/result';
import * as Y from 'yjs';
import type { BadFrame } from './frames.ts';

/** Bounds of one update; far above what honest clients send. */
export interface UpdateLimits {
  readonly structs: number;
  readonly deletes: number;
  /** Clients whose structs begin past what the document has of them: Yjs re-merges all such at every update. */
  readonly gaps: number;
}

export const UPDATE_LIMITS: UpdateLimits = { structs: 500_000, deletes: 200_000, gaps: 64 };

/** What the relay needs to know of an update before it applies it. */
export interface UpdateFacts {
  /** Nothing in it: what a client answers that has nothing new. */
  readonly empty: boolean;
  /** Clients of which something in between is missing. */
  readonly gaps: number;
}

type Decoded = ReturnType<typeof Y.decodeUpdate>;

const countGaps = (structs: Decoded['structs'], known: (client: number) => number): number => {
  const seen = new Set<number>();
  let gaps = 0;
  for (const { id } of structs) {
    if (seen.has(id.client)) continue;
    seen.add(id.client);
    if (id.clock > known(id.client)) gaps++;
  }
  return gaps;
};

const countDeletes = ({ ds }: Decoded): number => {
  let ranges = 0;
  for (const items of ds.clients.values()) ranges += items.length;
  return ranges;
};

const refuse = (message: string): Result<never, BadFrame> => err({ type: 'bad-frame', message });

/**
 * Decodes an untrusted V1 update without building anything, and bounds it. `Y.applyUpdate` alone must
 * not see it first: it allocates by declared counts, and may throw with half of it applied.
 * `known` is the document's clock of a client.
 */
export const checkUpdate = (
  update: Uint8Array,
  known: (client: number) => number,
  limits: UpdateLimits = UPDATE_LIMITS,
): Result<UpdateFacts, BadFrame> => {
  let decoded: Decoded;
  try {
    decoded = Y.decodeUpdate(update);
  } catch (error) {
    return refuse(`the update does not decode: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { structs } = decoded;
  if (structs.length > limits.structs) return refuse(`an update has at most ${limits.structs} structs`);
  const deletes = countDeletes(decoded);
  if (deletes > limits.deletes) return refuse(`an update has at most ${limits.deletes} deleted ranges`);
  const gaps = countGaps(structs, known);
  if (gaps > limits.gaps) return refuse(`an update may lack earlier changes of at most ${limits.gaps} clients`);
  return ok({ empty: structs.length === 0 && deletes === 0, gaps });
};
