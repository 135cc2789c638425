import type { OfficialChanges, OfficialReview } from '@baton/schema/http';
import type { RaceId } from '@baton/schema/ids';
import { compareFrozen, RESULTS_VERSION, type ResultRow } from '@baton/schema/results';
import { runPaced, type Sliced } from '@baton/schema/roster';
import type { Grant } from '../auth/grant.ts';
import { allowed, findEvent } from '../auth/lookups.ts';
import { type FrozenLists, officialBody } from '../spectators/frozen-lists.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import { cacheHeaders, isHeld, notModified, weakTag } from './listing.ts';
import { frozenOf, unlessDown } from './results.ts';
import { json, type Reply, type Route, refuse, refused, route } from './route.ts';

/** Bibs named of one race. */
const MAX_BIBS = 200;

/** Rows compared in one step, about: all rows of a bib are compared together. */
const COMPARED = 50;
/** Rows put into groups in one step. */
const GROUPED = 100;

const bibHash = (bib: string): number => {
  let hash = 0;
  for (let at = 0; at < bib.length; at++) hash = (Math.imul(hash, 31) + bib.charCodeAt(at)) >>> 0;
  return hash;
};

/** Rows in groups by bib: each group holds all rows of its bibs, in their order. */
function* groupsOf(rows: readonly ResultRow[], count: number): Sliced<readonly (readonly ResultRow[])[]> {
  const groups: ResultRow[][] = Array.from({ length: count }, () => []);
  for (const [index, row] of rows.entries()) {
    groups[bibHash(row.bib) % count]?.push(row);
    if (index % GROUPED === GROUPED - 1) yield;
  }
  return groups;
}

function* changesOf(
  raceId: RaceId,
  frozen: readonly ResultRow[],
  current: readonly ResultRow[],
): Sliced<OfficialChanges> {
  const groups = 1 + Math.floor(Math.max(frozen.length, current.length) / COMPARED);
  const [before, after] = [yield* groupsOf(frozen, groups), yield* groupsOf(current, groups)];
  const counts = { changed: 0, added: 0, gone: 0 };
  const bibs = new Set<string>();
  for (const [index, rows] of before.entries()) {
    const { changed, added, gone } = compareFrozen(rows, after[index] ?? []);
    counts.changed += changed.length;
    counts.added += added.length;
    counts.gone += gone.length;
    for (const { bib } of [...changed.map((it) => it.after), ...added, ...gone])
      if (bibs.size < MAX_BIBS) bibs.add(bib);
    yield;
  }
  return { raceId, ...counts, bibs: [...bibs] };
}

/** What would become of the lists if they were made again of all that has come since. */
const review = async ({ core }: HttpContext, event: EventRecord, lists: FrozenLists): Promise<OfficialReview> => {
  const { hub, snapshots } = core.spectators.desk(event.eventId);
  const wouldChange: OfficialChanges[] = [];
  const current = await hub.read(() => hub.races().map(({ race }) => race.raceId));
  const raceIds = new Set([...lists.races.keys(), ...current]);
  for (const raceId of raceIds) {
    const rows = (await snapshots.of(raceId))?.rows ?? [];
    const changes = await runPaced(changesOf(raceId, lists.races.get(raceId)?.rows ?? [], rows), core.pace);
    if (changes.bibs.length > 0) wouldChange.push(changes);
  }
  const { clock } = lists.record;
  return { ...officialBody(lists), clock, currentVersion: RESULTS_VERSION, wouldChange };
};

const mayReview = (grant: Grant | null, event: EventRecord): boolean => allowed(grant, 'official.review', event).ok;

const hasArchived = ({ core: { registry } }: HttpContext, { eventId }: EventRecord): boolean =>
  registry.streams(eventId).some(({ streamId }) => registry.epochs(streamId).some((it) => it.archived));

/** How official results came to be; with an operator's token also what would change. */
export const officialRoutes = (context: HttpContext): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/events/:eventId/official',
    action: 'event.read',
    run: async ({ grant, params, ifNoneMatch }): Promise<Reply> => {
      const found = findEvent(context.core, grant, 'event.read', params['eventId']);
      if (!found.ok) return refused(found.error);
      const event = found.value;
      const lists = await frozenOf(context, event);
      if (lists === null) return refuse('NOT_FOUND', 'the results of this event are not official');
      // what was archived cannot be made again of what is left
      if (mayReview(grant, event) && !hasArchived(context, event)) {
        return unlessDown(async () =>
          json(await review(context, event, lists), { 'Cache-Control': 'private, no-cache' }),
        );
      }
      const etag = weakTag(lists.record.hash, 'official');
      if (isHeld(ifNoneMatch, etag)) return notModified(event, { etag });
      return json(officialBody(lists), cacheHeaders(event, { etag }));
    },
  }),
];
