import { rosterDocName, setupDocName } from '@baton/schema/doc';
import { type Refusal, refusal } from '@baton/schema/errors';
import type { ClockJson } from '@baton/schema/reads';
import { type PairKey, pairFromKey } from '@baton/schema/reads';
import { err, type Result } from '@baton/schema/result';
import type { ResultRow } from '@baton/schema/results';
import { type Pace, runPaced } from '@baton/schema/roster';
import * as Y from 'yjs';
import type { DocRooms } from '../docs/doc-rooms.ts';
import { startRows } from '../results/start-rows.ts';
import type { Rosters } from '../setup/rosters.ts';
import type { Setups } from '../setup/setups.ts';
import type { EventRecord } from '../storage/records.ts';
import type { Announcer } from './announcer.ts';
import { courseRows } from './course-rows.ts';
import { type EventHub, HubDown, type RaceCut } from './event-hub.ts';
import { type Frozen, type FrozenRace, freeze } from './frozen-lists.ts';
import { foldInputsOf, type HubInputs } from './hub-inputs.ts';
import { publicCategories, publicRaces } from './public-shape.ts';

export interface FreezingDeps {
  readonly docs: Pick<DocRooms, 'hold'>;
  readonly setups: Pick<Setups, 'read'>;
  readonly rosters: Pick<Rosters, 'read'>;
  readonly pace: Pace;
}

/** How often a cut is tried again since people edited meanwhile. */
const MAX_TRIES = 20;
/** Rows taken in one step. */
const PART = 25;

const BEING_EDITED = refusal('CONFLICT', 'setup or roster are being edited: let that come to rest, then ask again');

const clockJson = (cuts: readonly RaceCut[], mapped: ReadonlyMap<PairKey, unknown>): ClockJson => {
  const clock: Record<string, Record<string, number>> = Object.create(null);
  for (const { live, race } of cuts) {
    for (const [key, seq] of live.clock()) {
      const pair = mapped.get(key) === race.raceId ? pairFromKey(key) : null;
      if (pair === null) continue;
      clock[pair.streamId] = { ...clock[pair.streamId], [String(pair.epoch)]: seq };
    }
  }
  return clock;
};

const sizeOf = (clock: ClockJson): { readonly epochs: number; readonly reads: number } => {
  const seqs = Object.values(clock).flatMap((epochs) => Object.values(epochs));
  return { epochs: seqs.length, reads: seqs.reduce((sum, seq) => sum + seq, 0) };
};

const DOWN = refusal('UNAVAILABLE', 'the results cannot be computed right now: try again in a few seconds');

const unlessDown = async <T>(cut: () => Promise<Result<T, Refusal> | null>): Promise<Result<T, Refusal> | null> => {
  try {
    return await cut();
  } catch (error) {
    if (error instanceof HubDown) return err(DOWN);
    throw error;
  }
};

/** State vectors of the documents, and whether the hub's inputs are of exactly these. */
const documentsOf = async (deps: FreezingDeps, event: EventRecord, hub: EventHub) => {
  const { eventId } = event;
  const [setup, roster] = [await deps.docs.hold(setupDocName(eventId)), await deps.docs.hold(rosterDocName(eventId))];
  try {
    const vectors = () => ({
      setup: Buffer.from(Y.encodeStateVector(setup.doc)).toString('base64'),
      roster: Buffer.from(Y.encodeStateVector(roster.doc)).toString('base64'),
    });
    const before = vectors();
    const inputs = hub.inputs();
    const isCurrent =
      (await deps.setups.read(eventId)) === inputs.setup && (await deps.rosters.read(eventId)) === inputs.roster;
    const now = vectors();
    return isCurrent && now.setup === before.setup && now.roster === before.roster ? now : null;
  } finally {
    setup.release();
    roster.release();
  }
};

const frozenRace = async ({ race, live }: RaceCut, inputs: HubInputs, pace: Pace): Promise<FrozenRace> => {
  const { raceId, name } = race;
  const rows: ResultRow[] = [];
  for (;;) {
    const page = live.fold.page({ offset: rows.length, limit: PART });
    rows.push(...page.rows);
    if (page.rows.length < PART) break;
    if (pace.isOver()) await pace.rest();
  }
  return { raceId, name, rows, starters: await runPaced(startRows(foldInputsOf(inputs, raceId)), pace) };
};

/**
 * The results of this moment, with what they were made of: how far the log was read, the documents' versions, the rules'. To be
 * called while the hub takes nothing in. Null: the documents are newer than the hub.
 */
const cutNow = async (
  deps: FreezingDeps,
  event: EventRecord,
  hub: EventHub,
  announcer: Announcer,
  officialAt: number,
): Promise<Frozen | null> => {
  const documents = await documentsOf(deps, event, hub);
  if (documents === null) return null;
  const cuts = hub.races();
  const races: FrozenRace[] = [];
  for (const cut of cuts) races.push(await frozenRace(cut, hub.inputs(), deps.pace));
  races.sort((a, b) => (a.raceId < b.raceId ? -1 : 1));
  const clock = clockJson(cuts, hub.inputs().setup.epochRaces);
  const work = freeze({
    eventId: event.eventId,
    officialAt,
    clock,
    cut: sizeOf(clock),
    documents,
    races,
    structure: publicRaces(
      cuts.map(({ race }) => race),
      hub.inputs().setup,
    ),
    categories: publicCategories(cuts.map(({ race }) => race)),
    oncourse: [...(await courseRows(cuts, deps.pace))],
    announcer: [...(await announcer.list(hub.inputs())).rows],
  });
  return runPaced(work, deps.pace);
};

/**
 * Runs `store` with the frozen results; nothing is taken into the results between the cut and the end of it, so that
 * what is public and what is frozen never differ.
 */
export const freezeWith = async <T>(
  deps: FreezingDeps,
  of: {
    readonly event: EventRecord;
    readonly hub: EventHub;
    readonly announcer: Announcer;
    readonly officialAt: number;
  },
  store: (frozen: Frozen) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> => {
  const { event, hub, announcer, officialAt } = of;
  const cut = async (): Promise<Result<T, Refusal> | null> => {
    const frozen = await cutNow(deps, event, hub, announcer, officialAt);
    return frozen === null ? null : store(frozen);
  };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await unlessDown(async () => {
      await hub.read(() => null);
      return hub.between(cut);
    });
    if (stored !== null) return stored;
    hub.note();
  }
  return err(BEING_EDITED);
};
