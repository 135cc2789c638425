import { err, ok, type Result } from '../result.ts';
import { type ArchiveDefect, damaged, type Hashing } from './defect.ts';
import { createEpochCheck } from './epoch-check.ts';
import { ARCHIVE_FORMAT, type ArchivedEpoch, type ArchivedStream, ArchiveHead, ArchiveLine } from './records.ts';

export type ArchiveEntry = { readonly head: ArchiveHead } | ArchiveLine;

/** What an archive holds, once its end was seen. */
export interface ArchiveSum {
  readonly head: ArchiveHead;
  readonly reads: number;
  readonly epochs: readonly ArchivedEpoch[];
  readonly streams: readonly ArchivedStream[];
}

/** Follows an archive line by line and believes nothing: order, counts, numbers, batches, seals and the hash over all of it. */
export interface ArchiveCheck {
  /** A line without its line feed. */
  readonly take: (line: Uint8Array) => Result<ArchiveEntry, ArchiveDefect>;
  /** To be asked behind the last line. */
  readonly end: () => Result<ArchiveSum, ArchiveDefect>;
}

type Checked = Result<void, ArchiveDefect>;

const LF = Uint8Array.of(10);
/** In this order, each kind's lines together. */
const ORDER: Readonly<Record<string, number>> = { event: 1, doc: 2, stream: 3, fact: 4, epoch: 5, end: 6 };
/** Streams of one event: their list is held in memory. */
const MAX_STREAMS = 100_000;
const DONE: Checked = ok(undefined);

const parseJson = (line: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    return undefined; // no schema takes it
  }
};

const parseHead = (value: unknown): Result<ArchiveHead, ArchiveDefect> => {
  const parsed = ArchiveHead.safeParse(value);
  if (parsed.success && parsed.data.format <= ARCHIVE_FORMAT) return ok(parsed.data);
  const mark = ArchiveHead.pick({ archive: true, format: true }).safeParse(value);
  if (!mark.success)
    return err({ type: 'foreign', message: 'expected an archive of Baton; its first line is not that of one' });
  const { format } = mark.data;
  if (format <= ARCHIVE_FORMAT) return damaged('its first line is not as it was written');
  const message = `the archive has format ${format}, this Baton knows up to ${ARCHIVE_FORMAT}: use the version that wrote it or a newer one`;
  return err({ type: 'newer', message });
};

const parseLine = (value: unknown): Result<ArchiveLine, ArchiveDefect> => {
  const parsed = ArchiveLine.safeParse(value);
  return parsed.success ? ok(parsed.data) : damaged('it is no line of an archive, or a later version’s');
};

/** What the lines before the epochs must be, and that there is one event. */
const createStructureCheck = (streams: Map<string, ArchivedStream>) => {
  let place = 0;
  let hasEvent = false;

  const takeEvent = (eventId: string, head: ArchiveHead): Checked => {
    if (hasEvent || eventId !== head.eventId) return damaged('expected the one event of this archive');
    hasEvent = true;
    return DONE;
  };
  const takeStream = (stream: ArchivedStream): Checked => {
    if (streams.has(stream.streamId)) return damaged(`stream ${stream.streamId} comes a second time`);
    if (streams.size >= MAX_STREAMS) return damaged(`expected at most ${MAX_STREAMS} streams`);
    streams.set(stream.streamId, stream);
    return DONE;
  };
  const takePlace = (next: number, head: ArchiveHead): Checked => {
    if (next < place || (head.kind === 'epochs' && next < 5)) return damaged('a line that does not belong here');
    if (head.kind === 'event' && next > 1 && !hasEvent) return damaged('the event itself is missing');
    place = next;
    return DONE;
  };
  return { takeEvent, takeStream, takePlace };
};

export const createArchiveCheck = (createHashing: () => Hashing): ArchiveCheck => {
  const streams = new Map<string, ArchivedStream>();
  const overall = createHashing();
  const epochs = createEpochCheck(streams, createHashing);
  const structure = createStructureCheck(streams);
  let head: ArchiveHead | null = null;
  let lines = 0;
  let hasEnded = false;

  const takeEnd = ({ end }: Extract<ArchiveLine, { end: unknown }>): Checked => {
    const closed = epochs.close();
    if (!closed.ok) return closed;
    if (end.lines !== lines || end.reads !== epochs.reads())
      return damaged(`expected ${end.lines} lines with ${end.reads} reads, got ${lines} with ${epochs.reads()}`);
    if (end.sha256 !== overall.hex()) return damaged('the bytes before it are not those that were written');
    hasEnded = true;
    return DONE;
  };

  const takeLine = (line: ArchiveLine, known: ArchiveHead): Checked => {
    if ('reads' in line) return epochs.takeReads(line.reads);
    const placed = structure.takePlace(ORDER[Object.keys(line)[0] ?? ''] ?? 0, known);
    if (!placed.ok) return placed;
    if ('epoch' in line) return epochs.takeEpoch(known.kind, line.epoch);
    if ('stream' in line) return structure.takeStream(line.stream);
    if ('event' in line) return structure.takeEvent(line.event.eventId, known);
    return 'end' in line ? takeEnd(line) : DONE;
  };

  const takeEntry = (value: unknown): Result<ArchiveEntry, ArchiveDefect> => {
    if (hasEnded) return damaged('something follows the end');
    if (head === null) {
      const first = parseHead(value);
      if (first.ok) head = first.value;
      return first.ok ? ok({ head: first.value }) : first;
    }
    const line = parseLine(value);
    if (!line.ok) return line;
    const taken = takeLine(line.value, head);
    return taken.ok ? line : taken;
  };

  return {
    take: (line) => {
      const entry = takeEntry(parseJson(line));
      if (!entry.ok) {
        const { type, message } = entry.error;
        return type === 'damaged' ? damaged(`line ${lines + 1}: ${message}`) : entry;
      }
      if (!hasEnded) {
        overall.update(line);
        overall.update(LF);
        lines++;
      }
      return entry;
    },
    end: () => {
      if (head === null) return err({ type: 'foreign', message: 'expected an archive of Baton; the file is empty' });
      if (!hasEnded) return damaged('the archive breaks off before its end');
      return ok({ head, reads: epochs.reads(), epochs: epochs.epochs(), streams: [...streams.values()] });
    },
  };
};
