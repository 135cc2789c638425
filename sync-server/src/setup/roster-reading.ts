import { createLiveRoster, type LiveRoster, parseDocName, type Roster, rosterDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import { type Pace, runPaced, type Sliced } from '@baton/schema/roster';
import type * as Y from 'yjs';
import type { DocRooms } from '../docs/doc-rooms.ts';

interface Kept {
  /** Counts the changes of the document. */
  changes: number;
  /** As of so many of them. */
  read: { readonly roster: Roster; readonly changes: number } | null;
  reading: Promise<void> | null;
}

/** Rosters kept parsed; the one kept longest goes first. */
const MAX_KEPT = 200;

/** What an answer is made of must not change under it. */
function* readSliced(live: LiveRoster): Sliced<Roster> {
  yield* live.update();
  return live.snapshot();
}

/**
 * Reads rosters, in pieces with a rest whenever they have had their time. Each is kept parsed until its document changes, and then only the entries
 * that changed are read again. An answer holds all that was changed before it was asked for, and is the same object
 * as the one before where nothing was.
 */
export const createRosterReading = (
  docs: Pick<DocRooms, 'hold' | 'onChange'>,
  pace: Pace,
): ((eventId: EventId) => Promise<Roster>) => {
  const kept = new Map<EventId, Kept>();
  /** Gone with their documents, when these are freed. */
  const lives = new WeakMap<Y.Doc, LiveRoster>();

  docs.onChange((name) => {
    const parsed = parseDocName(name);
    const entry = parsed?.type === 'roster' ? kept.get(parsed.eventId) : undefined;
    if (entry !== undefined) entry.changes++;
  });

  /** None that is being read: only one may read a document at a time. */
  const forgetOne = (): void => {
    for (const [eventId, { reading }] of kept) if (reading === null) return void kept.delete(eventId);
  };

  const entryOf = (eventId: EventId): Kept => {
    const found = kept.get(eventId);
    if (found !== undefined) return found;
    if (kept.size >= MAX_KEPT) forgetOne();
    const entry: Kept = { changes: 0, read: null, reading: null };
    kept.set(eventId, entry);
    return entry;
  };

  const liveOf = (doc: Y.Doc): LiveRoster => {
    const live = lives.get(doc) ?? createLiveRoster(doc);
    lives.set(doc, live);
    return live;
  };

  const readNow = async (eventId: EventId, entry: Kept): Promise<void> => {
    const held = await docs.hold(rosterDocName(eventId));
    try {
      const { changes } = entry;
      const roster = await runPaced(readSliced(liveOf(held.doc)), pace);
      entry.read = { roster, changes };
    } finally {
      held.release();
    }
  };

  return async (eventId) => {
    const entry = entryOf(eventId);
    const wanted = entry.changes;
    for (;;) {
      if (entry.read !== null && entry.read.changes >= wanted) return entry.read.roster;
      entry.reading ??= readNow(eventId, entry).finally(() => {
        entry.reading = null;
      });
      await entry.reading;
    }
  };
};
