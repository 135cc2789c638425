import type { Clock, Ids, Log, Timer, Timers } from '@baton/schema/ports';
import type { Pace } from '@baton/schema/roster';
import { type Collection, openShelf, shelfPlaces } from './collection.ts';
import { createShelf } from './shelf.ts';

export interface KeyedRow {
  readonly key: string;
  readonly row: Readonly<Record<string, unknown>>;
}

export interface ListDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pace: Pace;
  readonly ids: Ids;
  readonly log: Log;
  /** The whole list as it is. */
  readonly load: () => Promise<Iterable<KeyedRow>>;
  /** Calls when the list may have changed. Returns the way to stop. */
  readonly onHint: (note: () => void) => () => void;
  /** Looked at this often without a hint, in ms. Null: hints tell everything. */
  readonly everyMs: number | null;
  /** Hints of so long are one look; 150 ms when absent. */
  readonly gatherMs?: number;
}

const GATHER_MS = 150;

/** A list that is compared as a whole: races, streams, nodes, who is on the course. */
export const createListCollection = (name: string, deps: ListDeps): Collection => {
  const { timers, clock, log } = deps;
  const shelf = createShelf(name, deps.ids.uuid());
  let due: Timer | null = null;
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    const rows = await deps.load();
    const now = clock.now();
    const seen = new Set<string>();
    const put = async (key: string, row: KeyedRow['row'] | null): Promise<void> => {
      shelf.put(key, row, now);
      if (deps.pace.isOver()) await deps.pace.rest();
    };
    for (const it of rows) {
      seen.add(it.key);
      await put(it.key, it.row);
    }
    for (const key of shelf.keys()) if (!seen.has(key)) await put(key, null);
  };

  const lookInTurn = (): Promise<void> => {
    looking = looking.then(look, look); // whether the one before failed is its own asker's concern
    return looking;
  };

  const note = (): void => {
    if (shelf.size() === 0) return;
    due ??= timers.after(deps.gatherMs ?? GATHER_MS, () => {
      due = null;
      lookInTurn().catch((error: unknown) =>
        log.error('a list cannot be told', { collection: name, cause: String(error) }),
      );
    });
  };

  const stopHints = deps.onHint(note);
  const every = deps.everyMs === null ? null : timers.every(deps.everyMs, note);

  return {
    ready: lookInTurn,
    open: (listener, filters, after) => openShelf(shelf, listener, filters, after, deps.pace),
    ...shelfPlaces(shelf),
    size: shelf.size,
    stop: () => {
      stopHints();
      every?.clear();
      due?.clear();
    },
  };
};
