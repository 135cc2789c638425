import { chipKey, participantName, type Roster } from '../doc/roster-doc.ts';
import type { Setup } from '../doc/setup-doc.ts';
import type { RaceId } from '../ids.ts';
import { pairKey } from '../reads/clock.ts';
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

/** The earliest read of each participant, or of each chip that nobody has; reads without a chip have none. */
const firstReads = (roster: Roster, reads: Iterable<FoldRead>): readonly FoldRead[] => {
  const first = new Map<string, FoldRead>();
  for (const read of reads) {
    if (read.chip === null) continue;
    const chip = chipKey(read.chip);
    const participantId = roster.chips.get(chip);
    const key = participantId === undefined ? `chip ${chip}` : `participant ${participantId}`;
    const known = first.get(key);
    if (known === undefined || compareReceipt(read, known) < 0) first.set(key, read);
  }
  return [...first.values()];
};

/**
 * Who came by: the first read of each chip, newest first, at most `limit`. The caller chooses the
 * reads (those of the streams' current epochs); a participant with two chips is one line.
 */
export const announcerList = (
  source: { readonly setup: Setup; readonly roster: Roster },
  reads: Iterable<FoldRead>,
  limit: number,
): readonly AnnouncerRow[] => {
  const { setup, roster } = source;
  const newest = [...firstReads(roster, reads)].sort((a, b) => compareReceipt(b, a)).slice(0, limit);
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
};
