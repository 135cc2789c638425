import { chipKey, participantName, type Roster } from '../doc/roster-doc.ts';
import type { Setup } from '../doc/setup-doc.ts';
import type { RaceId } from '../ids.ts';
import { pairKey } from '../reads/clock.ts';
import { runAtOnce, type Sliced } from '../roster/sliced.ts';
import { compareIdentity, type FoldRead } from './fold-read.ts';

/** A line of the announcer's list; nothing in it names a chip, a reader or a forwarder. */
export interface AnnouncerRow {
  /** Null: nobody in the roster has the chip. */
  readonly bib: string | null;
  readonly name: string;
  readonly raceId: RaceId | null;
  /** Receipt of the first read, ms since the Unix epoch. */
  readonly at: number;
}

const UNKNOWN = 'Unknown';

const compareReceipt = (a: FoldRead, b: FoldRead): number => a.receivedAt - b.receivedAt || compareIdentity(a, b);

/** Reads looked at in one step, and kept before they are sorted. */
const STEP = 50;
const KEPT = 1000;

/** The earliest read of each participant, or of each chip that nobody has; reads without a chip have none. */
function* firstReads(roster: Roster, reads: Iterable<FoldRead>): Sliced<Iterable<FoldRead>> {
  const first = new Map<string, FoldRead>();
  let count = 0;
  for (const read of reads) {
    if (++count % STEP === 0) yield;
    if (read.chip === null) continue;
    const chip = chipKey(read.chip);
    const participantId = roster.chips.get(chip);
    const key = participantId === undefined ? `chip ${chip}` : `participant ${participantId}`;
    const known = first.get(key);
    if (known === undefined || compareReceipt(read, known) < 0) first.set(key, read);
  }
  return first.values();
}

/** The newest of them, newest first; never more than a thousand are sorted beside them. */
function* newestOf(reads: Iterable<FoldRead>, limit: number): Sliced<readonly FoldRead[]> {
  let newest: FoldRead[] = [];
  const cut = (): void => {
    newest = newest.sort((a, b) => compareReceipt(b, a)).slice(0, limit);
  };
  for (const read of reads) {
    newest.push(read);
    if (newest.length >= limit + KEPT) cut();
    if (newest.length % STEP === 0) yield;
  }
  cut();
  return newest;
}

interface AnnouncerSource {
  readonly setup: Setup;
  readonly roster: Roster;
}

/** As `announcerList`, some thousand reads at a time. */
export function* announcerListSliced(
  { setup, roster }: AnnouncerSource,
  reads: Iterable<FoldRead>,
  limit: number,
): Sliced<readonly AnnouncerRow[]> {
  const newest = yield* newestOf(yield* firstReads(roster, reads), limit);
  return newest.map((read) => {
    const participantId = roster.chips.get(chipKey(read.chip ?? ''));
    const participant = participantId === undefined ? undefined : roster.participants.get(participantId);
    const mapped = setup.epochRaces.get(pairKey(read.streamId, read.epoch)) ?? null;
    return {
      bib: participant?.bib ?? null,
      name: participant === undefined ? UNKNOWN : participantName(participant),
      raceId: participant?.raceId ?? mapped,
      at: read.receivedAt,
    };
  });
}

/**
 * Who came by: the first read of each chip, newest first, at most `limit`. The caller chooses the
 * reads (those of the streams' current epochs); a participant with two chips is one line.
 */
export const announcerList = (
  source: AnnouncerSource,
  reads: Iterable<FoldRead>,
  limit: number,
): readonly AnnouncerRow[] => runAtOnce(announcerListSliced(source, reads, limit));
