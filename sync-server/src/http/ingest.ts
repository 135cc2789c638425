import type { Refusal } from '@baton/schema/errors';
import { IngestOnCourse, IngestResults, IngestStructure } from '@baton/schema/http';
import { RaceId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import type { z } from 'zod';
import type { Grant } from '../auth/grant.ts';
import { findEvent } from '../auth/lookups.ts';
import { type ExternalBook, factOf, type ToldResult } from '../spectators/external-book.ts';
import { type IngestKind, refusalOfIngest } from '../spectators/ingest-gate.ts';
import { planStructure, putRaces } from '../spectators/structure-import.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import { answer, json, type Route, refused, route } from './route.ts';

type Ingest<Body> = (
  context: HttpContext,
  event: EventRecord,
  by: Grant | null,
  body: Body,
) => Promise<Result<number, Refusal>>;

/** Races and categories first, so that people find them; all of it is told as one. */
const ingestStructure: Ingest<IngestStructure> = async ({ core, setups, rosters }, { eventId }, by, body) => {
  const plan = planStructure(await setups.read(eventId), body, () => RaceId.parse(core.ids.uuid()));
  if (!plan.ok) return plan;
  const { races, lists } = plan.value;
  const write = async (): Promise<Result<void, Refusal>> => {
    const put = races.length === 0 ? ok(undefined) : await setups.edit(eventId, by, (doc) => putRaces(doc, plan.value));
    if (!put.ok) return put;
    for (const { raceId, list } of lists) {
      const imported = await rosters.importList(eventId, by, list, { raceId, mode: 'merge' });
      if (!imported.ok) return imported;
    }
    return ok(undefined);
  };
  const written = await core.spectators.restructure(eventId, write);
  return written.ok ? ok(body.races.length + body.categories.length + body.participants.length) : err(written.error);
};

/** What is left out stays as it was told before. */
const merged = (book: ExternalBook, results: IngestResults['results'], at: number): readonly ToldResult[] => {
  const byKey = new Map<string, ToldResult>();
  for (const { raceId, bib, timeMs, status } of results) {
    const key = `${raceId}/${bib}`;
    const before = byKey.get(key) ?? book.result(raceId, bib);
    byKey.set(key, {
      raceId,
      bib,
      timeMs: timeMs === undefined ? (before?.timeMs ?? null) : timeMs,
      status: status === undefined ? (before?.status ?? null) : status,
      at,
    });
  }
  return [...byKey.values()];
};

/** Results stored and taken in at once; a longer list comes in parts, and what fails in one of them is told: it can be sent again. */
const STORED = 1000;

const ingestResults: Ingest<IngestResults> = async ({ core }, { eventId }, _by, { results }) => {
  const { hub, book } = core.spectators.desk(eventId);
  const external = await book();
  const at = core.clock.now();
  for (let from = 0; from < results.length; from += STORED) {
    const told = merged(external, results.slice(from, from + STORED), at);
    const stored = await core.registry.change([{ type: 'putFacts', facts: told.map((it) => factOf(eventId, it)) }]);
    if (!stored.ok) return stored;
    external.putResults(told);
    hub.note();
    await core.pace.rest();
  }
  return ok(results.length);
};

const ingestOnCourse: Ingest<IngestOnCourse> = async ({ core }, { eventId }, _by, { oncourse }) => {
  const { hub, book, ridersCame } = core.spectators.desk(eventId);
  const external = await book();
  const at = core.clock.now();
  external.putRiders(
    oncourse.map(({ raceId, bib, startedAt, lastPoint }) => {
      const before = external.of(raceId).onCourse.get(bib);
      return {
        raceId,
        bib,
        startedAt: startedAt === undefined ? (before?.startedAt ?? null) : startedAt,
        lastPoint: lastPoint === undefined ? (before?.lastPoint ?? null) : lastPoint,
        at,
      };
    }),
  );
  ridersCame();
  hub.note();
  return ok(oncourse.length);
};

const ingest = <Body>(
  context: HttpContext,
  kind: IngestKind,
  body: z.ZodType<Body>,
  lists: Readonly<Record<string, number>>,
  run: Ingest<Body>,
): Route =>
  route({
    method: 'post',
    path: `/api/v1/events/:eventId/ingest/${kind}`,
    action: 'ingest.write',
    body,
    lists,
    run: async ({ grant, params, body: told }) => {
      const found = findEvent(context.core, grant, 'ingest.write', params['eventId']);
      if (!found.ok) return refused(found.error);
      const { eventId } = found.value;
      // one at a time, and with changes of the status: what is decided holds when it is stored
      return context.serial.run(`event:${eventId}`, async () => {
        const event = findEvent(context.core, grant, 'ingest.write', eventId);
        if (!event.ok) return refused(event.error);
        const closed = refusalOfIngest(event.value.status, kind);
        if (closed !== null) return refused(closed);
        return answer(await run(context, event.value, grant, told), (imported) => json({ imported }));
      });
    },
  });

/** What other timing systems send: structure, results, and who is on the course. */
export const ingestRoutes = (context: HttpContext): readonly Route[] => [
  ingest(context, 'structure', IngestStructure, { participants: 20_000 }, ingestStructure),
  ingest(context, 'results', IngestResults, { results: 10_000 }, ingestResults),
  ingest(context, 'oncourse', IngestOnCourse, { oncourse: 5_000 }, ingestOnCourse),
];
