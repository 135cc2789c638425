import { createLiveRoster, type DocProblem, type ParticipantId, type Roster, type Setup } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import type { Timers } from '@baton/schema/ports';
import { runPaced } from '@baton/schema/roster';
import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { EditedDoc } from '../edited-doc.ts';
import { createPagePace } from '../page-pace.ts';
import { type BatchEdits, createBatchEdits } from './batch-edit.ts';
import { bibTwins, countByRace, type RaceOrder, type RosterRow, raceOrder, reorder, rosterRow } from './roster-row.ts';

/** The event's roster as this page has it now. */
export interface RosterStore {
  readonly edited: EditedDoc;
  readonly batches: BatchEdits;
  /** By race and bib. */
  readonly rows: ReadonlySignal<readonly RosterRow[]>;
  readonly rowOf: (participantId: ParticipantId) => RosterRow | undefined;
  /** The maps themselves, as of the newest `rows`. */
  readonly roster: Roster;
  readonly counts: ReadonlySignal<ReadonlyMap<RaceId | null, number>>;
  /** Ids of those who share a bib within a race. */
  readonly twins: ReadonlySignal<ReadonlySet<string>>;
  /** Chips of somebody who is not there. */
  readonly strayChips: ReadonlySignal<readonly string[]>;
  readonly problems: ReadonlySignal<readonly DocProblem[]>;
  /** Whether what the document held when it was loaded has been read. */
  readonly ready: ReadonlySignal<boolean>;
  readonly close: () => void;
}

export interface RosterStoreDeps {
  readonly edited: EditedDoc;
  readonly setup: ReadonlySignal<Setup>;
  readonly timers: Timers;
}

/** Reading rests this many times as long as it took, so that a stream of edits leaves the page to its user; */
const REST = 3;
/** and never longer than this. */
const MAX_REST_MS = 500;

/** The same as long as races come and go in no other order. */
const followRaceOrder = (setup: ReadonlySignal<Setup>): ReadonlySignal<RaceOrder> => {
  let known: RaceOrder = new Map();
  return computed(() => {
    const order = raceOrder(setup.value.races.values());
    const isSame = order.size === known.size && [...order].every(([raceId, place]) => known.get(raceId) === place);
    if (!isSame) known = order;
    return known;
  });
};

export const createRosterStore = ({ edited, setup, timers }: RosterStoreDeps): RosterStore => {
  const { followed } = edited;
  const pace = createPagePace(timers);
  const live = createLiveRoster(followed.doc);
  const { roster } = live;
  const byId = new Map<ParticipantId, RosterRow>();
  const strays = new Set<ParticipantId>();
  const rows = signal<readonly RosterRow[]>([]);
  const strayChips = signal<readonly string[]>([]);
  const problems = signal<readonly DocProblem[]>([]);
  const ready = signal(false);
  const order = followRaceOrder(setup);
  const stopSorting = effect(() => {
    rows.value = reorder([], () => false, rows.peek(), order.value);
  });
  let [scheduled, closed] = [false, false];

  const makeRow = (participantId: ParticipantId): RosterRow | null => {
    const participant = roster.participants.get(participantId);
    const chips = live.chipsOf.get(participantId) ?? [];
    if (participant === undefined) {
      if (chips.length > 0) strays.add(participantId);
      else strays.delete(participantId);
      return null;
    }
    strays.delete(participantId);
    return rosterRow(participant, chips, roster.corrections.get(participantId) ?? null);
  };

  const makeRows = async (touched: ReadonlySet<ParticipantId>): Promise<readonly RosterRow[]> => {
    const fresh: RosterRow[] = [];
    for (const participantId of touched) {
      const row = makeRow(participantId);
      if (row === null) byId.delete(participantId);
      else {
        byId.set(participantId, row);
        fresh.push(row);
      }
      if (pace.isOver()) await pace.rest();
    }
    return fresh;
  };

  const show = (touched: ReadonlySet<ParticipantId>, fresh: readonly RosterRow[], wasLoaded: boolean): void =>
    batch(() => {
      const isGone = ({ participant }: RosterRow): boolean => touched.has(participant.participantId);
      if (touched.size > 0) rows.value = reorder(rows.peek(), isGone, fresh, order.peek());
      strayChips.value = [...strays].flatMap((id) => live.chipsOf.get(id) ?? []);
      problems.value = live.problems();
      if (wasLoaded) ready.value = true;
    });

  const refresh = async (): Promise<void> => {
    const began = timers.mono();
    const wasLoaded = followed.loaded.peek();
    const touched = await runPaced(live.update(), pace);
    const fresh = await makeRows(touched);
    if (closed) return;
    show(touched, fresh, wasLoaded);
    const rest = Math.min(MAX_REST_MS, (timers.mono() - began) * REST);
    timers.after(rest, () => {
      scheduled = false;
      if (live.isStale() || followed.loaded.peek() !== wasLoaded) schedule();
    });
  };

  const schedule = (): void => {
    if (scheduled || closed) return;
    scheduled = true;
    timers.after(0, () => void refresh());
  };

  const stopFollowing = live.onStale(schedule);
  const stopLoading = followed.loaded.subscribe(schedule);
  const batches = createBatchEdits(edited, pace.rest);
  return {
    edited,
    batches,
    rows,
    rowOf: (participantId) => byId.get(participantId),
    roster,
    counts: computed(() => countByRace(rows.value)),
    twins: computed(() => bibTwins(rows.value)),
    strayChips,
    problems,
    ready,
    close: () => {
      closed = true;
      for (const stop of [stopFollowing, stopLoading, stopSorting]) stop();
      batches.close();
      live.close();
      edited.close();
    },
  };
};
