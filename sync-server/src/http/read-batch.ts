import type { BatchBody } from '@baton/schema/http';
import type { NumberedRead, Pair } from '@baton/schema/reads';
import type { Pace } from '@baton/schema/roster';
import { readBody } from '../log/log-reading.ts';
import { jsonItems } from './long-json.ts';

/** Reads of an epoch on their way out; they become JSON when they are written. */
export interface ReadBatch extends Pair {
  readonly firstSeq: number;
  readonly reads: readonly NumberedRead[];
}

export const batchBody = ({ reads, ...rest }: ReadBatch): BatchBody => ({ ...rest, reads: reads.map(readBody) });

/** The same as JSON, piece by piece. */
export async function* batchTexts({ reads, ...rest }: ReadBatch, pace: Pace): AsyncGenerator<string> {
  yield `${JSON.stringify(rest).slice(0, -1)},"reads":[`;
  yield* jsonItems(reads, readBody, pace);
  yield ']}';
}
