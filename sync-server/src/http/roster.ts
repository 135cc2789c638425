import type { Refusal } from '@baton/schema/errors';
import { refusal } from '@baton/schema/errors';
import type { ImportedBody } from '@baton/schema/http';
import { RosterQuery } from '@baton/schema/http';
import type { EventId, RaceId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import { type ImportPlan, MAX_LIST_BYTES, type ParsedRoster, parseRosterSliced, runPaced } from '@baton/schema/roster';
import type { z } from 'zod';
import type { Grant } from '../auth/grant.ts';
import { findEvent, raceIn } from '../auth/lookups.ts';
import { refuseList } from '../setup/rosters.ts';
import type { HttpContext } from './context.ts';
import { answer, json, type Route, refused, route } from './route.ts';

type Query = z.output<typeof RosterQuery>;

/** Lists held in memory at once: of the relay, and of one event, so that no event keeps out the others. */
const MAX_AT_ONCE = 8;
const MAX_OF_EVENT = 2;

const BUSY = refusal('UNAVAILABLE', 'other lists are being imported: try again in a few seconds');

/** So many tasks at a time; one more is refused instead of queued. */
const createGate = () => {
  const running = new Map<EventId, number>();
  let all = 0;
  const count = (eventId: EventId, by: 1 | -1): void => {
    all += by;
    const left = (running.get(eventId) ?? 0) + by;
    if (left > 0) running.set(eventId, left);
    else running.delete(eventId);
  };
  return async <T>(eventId: EventId, task: () => Promise<Result<T, Refusal>>): Promise<Result<T, Refusal>> => {
    if (all >= MAX_AT_ONCE || (running.get(eventId) ?? 0) >= MAX_OF_EVENT) return err(BUSY);
    count(eventId, 1);
    try {
      return await task();
    } finally {
      count(eventId, -1);
    }
  };
};

const raceOf = async (
  { setups }: HttpContext,
  eventId: EventId,
  raceId: string | undefined,
): Promise<Result<RaceId | null, Refusal>> => {
  if (raceId === undefined) return ok(null);
  const race = raceIn(await setups.read(eventId), raceId);
  return race.ok ? ok(race.value.raceId) : race;
};

const parse = async (
  { core }: HttpContext,
  bytes: Uint8Array,
  { kind, format }: Query,
): Promise<Result<ParsedRoster, Refusal>> => {
  const outcome = await runPaced(parseRosterSliced(bytes, { kind, format }), core.pace);
  return outcome.type === 'parsed' ? ok(outcome.parsed) : err(refuseList(outcome));
};

const logImport = ({ core }: HttpContext, eventId: EventId, plan: ImportPlan): void => {
  const { kind, imported, added, changed, removed, chips } = plan;
  core.journal.info('a list was imported', {
    eventId,
    kind,
    rows: imported,
    added: added.length,
    changed: changed.length,
    removed: removed.length,
    chipsGiven: chips.given.length + chips.moved.length,
    chipsTaken: chips.removed.length,
  });
};

/** Whether who sent the list may still import it: a file takes its time to come. */
const stillMay = ({ core }: HttpContext, by: Grant | null, eventId: EventId): Result<void, Refusal> => {
  if (by !== null && !core.access.holds(by)) {
    return err(
      refusal('UNAUTHORIZED', 'the token was revoked or has expired while the list came: nothing was imported'),
    );
  }
  const event = findEvent(core, by, 'roster.write', eventId);
  return event.ok ? ok(undefined) : event;
};

/** Lists of participants and of chips: strict, all of a list or nothing of it. */
export const rosterRoutes = (context: HttpContext): readonly Route[] => {
  const gate = createGate();

  const importUpload = async (
    eventId: EventId,
    by: Grant | null,
    query: Query,
    readUpload: () => Promise<Result<Uint8Array, Refusal>>,
  ): Promise<Result<ImportPlan, Refusal>> => {
    const raceId = await raceOf(context, eventId, query.raceId);
    if (!raceId.ok) return raceId;
    const bytes = await readUpload();
    if (!bytes.ok) return bytes;
    const list = await parse(context, bytes.value, query);
    if (!list.ok) return list;
    const may = stillMay(context, by, eventId);
    if (!may.ok) return may;
    const options = { raceId: raceId.value, mode: query.mode };
    const write = () => context.rosters.importList(eventId, by, list.value, options);
    const imported = await context.core.spectators.restructure(eventId, write);
    if (imported.ok) logImport(context, eventId, imported.value);
    return imported;
  };

  return [
    route({
      method: 'post',
      path: '/api/v1/events/:eventId/roster',
      action: 'roster.write',
      query: RosterQuery,
      run: async ({ grant, params, query, readUpload }) => {
        const event = findEvent(context.core, grant, 'roster.write', params['eventId']);
        if (!event.ok) return refused(event.error);
        const { eventId } = event.value;
        const read = () => readUpload(MAX_LIST_BYTES);
        const imported = await gate(eventId, () => importUpload(eventId, grant, query, read));
        return answer(imported, (plan) => json({ imported: plan.imported } satisfies z.infer<typeof ImportedBody>));
      },
    }),
  ];
};
