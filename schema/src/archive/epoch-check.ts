import { decodeBatch } from '../reads/batch-codec.ts';
import { ok, type Result } from '../result.ts';
import { type ArchiveDefect, damaged, type Hashing } from './defect.ts';
import type { ArchivedEpoch, ArchivedReads, ArchivedStream, ArchiveHead } from './records.ts';

type Checked = Result<void, ArchiveDefect>;

/** Follows the epochs of an archive and their reads: none twice, none without its stream, numbers without gaps, seals that fit. */
export interface EpochCheck {
  readonly takeEpoch: (kind: ArchiveHead['kind'], epoch: ArchivedEpoch) => Checked;
  readonly takeReads: (reads: ArchivedReads) => Checked;
  /** Behind the last of them. */
  readonly close: () => Checked;
  readonly epochs: () => readonly ArchivedEpoch[];
  readonly reads: () => number;
}

/** Epochs of one archive: their list is held in memory. */
const MAX_EPOCHS = 100_000;
const LF = Uint8Array.of(10);
const DONE: Checked = ok(undefined);

interface OpenEpoch extends ArchivedEpoch {
  last: number;
  readonly hashing: Hashing | null;
}

export const createEpochCheck = (
  streams: ReadonlyMap<string, ArchivedStream>,
  createHashing: () => Hashing,
): EpochCheck => {
  const epochs: ArchivedEpoch[] = [];
  const seen = new Set<string>();
  let open: OpenEpoch | null = null;
  let reads = 0;

  const close = (): Checked => {
    if (open === null) return DONE;
    const { streamId, epoch, head, last, hashing, hash } = open;
    open = null;
    if (last !== head) return damaged(`${streamId} epoch ${epoch} ends at ${last}, expected ${head} reads`);
    if (hashing !== null && hashing.hex() !== hash)
      return damaged(`the lines of ${streamId} epoch ${epoch} are not those that were sealed`);
    return DONE;
  };

  const placeOf = (kind: ArchiveHead['kind'], { streamId, epoch, hash }: ArchivedEpoch): Checked => {
    if (kind === 'epochs') return hash === null ? damaged('expected a sealed epoch, with its hash') : DONE;
    const current = streams.get(streamId)?.currentEpoch ?? 0;
    if (epoch > current) return damaged(`${streamId} has no epoch ${epoch}`);
    return hash !== null && epoch === current ? damaged('a current epoch is not sealed') : DONE;
  };

  const takeEpoch: EpochCheck['takeEpoch'] = (kind, it) => {
    const closed = close();
    const place = closed.ok ? placeOf(kind, it) : closed;
    if (!place.ok) return place;
    const key = `${it.streamId}/${it.epoch}`;
    if (seen.has(key)) return damaged(`${it.streamId} epoch ${it.epoch} comes a second time`);
    if (epochs.length >= MAX_EPOCHS) return damaged(`expected at most ${MAX_EPOCHS} epochs`);
    seen.add(key);
    epochs.push(it);
    open = { ...it, last: 0, hashing: it.hash === null ? null : createHashing() };
    return DONE;
  };

  const takeReads: EpochCheck['takeReads'] = ({ firstSeq, count, batch }) => {
    if (open === null) return damaged('reads without an epoch before them');
    if (firstSeq !== open.last + 1) return damaged(`expected read ${open.last + 1}, got ${firstSeq}`);
    const decoded = decodeBatch(batch);
    if (!decoded.ok) return damaged(`a batch does not decode: ${decoded.error.message}`);
    if (decoded.value.count !== count) return damaged(`expected ${count} reads, got ${decoded.value.count}`);
    const last = firstSeq + count - 1;
    if (last > open.head) return damaged(`more reads than the ${open.head} of the epoch`);
    for (let at = 0; open.hashing !== null && at < count; at++) {
      open.hashing.update(decoded.value.rawAt(at));
      open.hashing.update(LF);
    }
    open.last = last;
    reads += count;
    return DONE;
  };

  return { takeEpoch, takeReads, close, epochs: () => epochs, reads: () => reads };
};
