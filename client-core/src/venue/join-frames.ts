import type { ReadsFrame } from '@baton/schema/protocol';
import { decodeBatch, encodeBatch, MAX_BATCH_READS, type Read } from '@baton/schema/reads';

/** Reads as one side delivers them, counted. */
export interface CountedFrame extends ReadsFrame {
  readonly count: number;
}

/** Larger frames travel as they came. */
const JOINED_BYTES = 64 * 1024;

const follows = (frame: CountedFrame, next: CountedFrame | undefined): next is CountedFrame =>
  next !== undefined &&
  next.streamId === frame.streamId &&
  next.epoch === frame.epoch &&
  next.firstSeq === frame.firstSeq + frame.count;

const readsOf = ({ batch }: CountedFrame): readonly Read[] | null => {
  const decoded = decodeBatch(batch);
  return decoded.ok ? Array.from({ length: decoded.value.count }, (_, index) => decoded.value.at(index)) : null;
};

/** How many of the first frames continue each other and fit into one batch. */
const fitting = (queue: readonly CountedFrame[]): number => {
  let [count, bytes, frames] = [0, 0, 0];
  for (const frame of queue) {
    count += frame.count;
    bytes += frame.batch.length;
    const before = queue[frames - 1];
    if (count > MAX_BATCH_READS || bytes > JOINED_BYTES) break;
    if (before !== undefined && !follows(before, frame)) break;
    frames++;
  }
  return Math.max(1, frames);
};

/**
 * The first frame of a queue that is not empty, with those behind it that continue it as one: a mat sends reads one by one, and
 * each push costs its answer's way. A batch that cannot be read goes as it is, for the relay to refuse.
 */
export const joinFirst = (
  queue: readonly CountedFrame[],
): { readonly frame: CountedFrame; readonly rest: readonly CountedFrame[] } => {
  const [first] = queue;
  if (first === undefined) throw new RangeError('there is no frame');
  const frames = queue.slice(0, fitting(queue));
  const reads: Read[] = [];
  for (const frame of frames.length === 1 ? [] : frames) reads.push(...(readsOf(frame) ?? []));
  if (reads.length !== frames.reduce((sum, it) => sum + it.count, 0)) return { frame: first, rest: queue.slice(1) };
  return { frame: { ...first, count: reads.length, batch: encodeBatch(reads) }, rest: queue.slice(frames.length) };
};
