import { StreamId } from '@baton/schema/ids';
import type { ReadsFrame } from '@baton/schema/protocol';
import { encodeBatch, MAX_BATCH_READS, type Read, readFromLine, renderIpicoLine } from '@baton/schema/reads';

export const MAT = StreamId.parse('box-1.mat');
export const GATE = StreamId.parse('box-1.gate');

/** A read that depends on its place alone, so that a replica can be compared with what it should hold. */
export const madeRead = (streamId: StreamId, epoch: number, seq: number): Read => {
  if (seq % 97 === 0) {
    const raw = new TextEncoder().encode(`no read at all \t\\ ${streamId} ${seq}\u0000é`);
    return { raw, receivedAt: 1_772_828_867_000 + seq, readerTime: null, chip: null, kind: 'RAW' };
  }
  const line = renderIpicoLine({
    readerId: epoch & 0xff,
    tag: `0580${(seq % 500).toString(16).padStart(8, '0')}`,
    iCount: seq & 0xff,
    qCount: 0,
    wallHundredths: 177_282_886_700 + seq * 7 - (seq % 13) * 40,
    extra: null,
    kind: 'RAW',
  });
  return readFromLine(new TextEncoder().encode(line), 1_772_828_867_000 + seq);
};

export const frameOf = (streamId: StreamId, epoch: number, firstSeq: number, reads: readonly Read[]): ReadsFrame => ({
  streamId,
  epoch,
  firstSeq,
  batch: encodeBatch(reads),
});

/** Frames that carry `firstSeq` … `lastSeq`, each of at most `size` reads. */
export const madeFrames = (
  streamId: StreamId,
  epoch: number,
  firstSeq: number,
  lastSeq: number,
  size: number = MAX_BATCH_READS,
): readonly ReadsFrame[] => {
  const frames: ReadsFrame[] = [];
  for (let from = firstSeq; from <= lastSeq; from += size) {
    const count = Math.min(size, lastSeq - from + 1);
    const reads = Array.from({ length: count }, (_, index) => madeRead(streamId, epoch, from + index));
    frames.push(frameOf(streamId, epoch, from, reads));
  }
  return frames;
};

export const textOf = (raw: Uint8Array): string => Buffer.from(raw).toString('latin1');
