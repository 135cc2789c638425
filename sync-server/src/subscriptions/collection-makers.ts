import { parseDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import { nodesOf } from '../http/nodes.ts';
import { streamsOf } from '../http/streams.ts';
import { courseRows } from '../spectators/course-rows.ts';
import { publicRaces } from '../spectators/public-shape.ts';
import type { Collection, CollectionName } from './collection.ts';
import { type CurrentHub, followHub } from './current-hub.ts';
import { createListCollection, type KeyedRow, type ListDeps } from './list-collection.ts';
import type { LiveCore } from './live-subscriptions.ts';
import { createReadsCollection } from './reads-collection.ts';
import { createResultsCollection } from './results-collection.ts';

/** Health and heartbeats change without a word. */
const NODES_MS = 1000;

function* keyed<T extends object>(rows: readonly T[], keyOf: (row: T) => string): Iterable<KeyedRow> {
  for (const row of rows) yield { key: keyOf(row), row: Object.fromEntries(Object.entries(row)) };
}

/** How each kind of collection is kept up to date. */
export const collectionMakers = (
  core: LiveCore,
): Readonly<Record<CollectionName, (eventId: EventId) => Collection>> => {
  const { clock, timers, pause, ids, journal: log, spectators } = core;
  const parts = { clock, timers, pause, ids, log };

  const onHub = (eventId: EventId): Pick<ListDeps, 'onHint'> & { readonly hub: CurrentHub } => {
    const hub = followHub(core, eventId);
    return { hub, onHint: (note) => hub.observe({ onDiff: note, onWhole: note }) };
  };

  const frozenOf = async (eventId: EventId) => {
    if (core.registry.event(eventId)?.status !== 'official') return null;
    const lists = await spectators.frozen(eventId);
    return lists === null ? null : new Map([...lists.races].map(([raceId, { rows }]) => [raceId as string, rows]));
  };

  const results = (eventId: EventId): Collection =>
    createResultsCollection({ ...parts, hub: followHub(core, eventId), frozen: () => frozenOf(eventId) });

  const races = (eventId: EventId): Collection => {
    const { hub, onHint } = onHub(eventId);
    const load = async (): Promise<Iterable<KeyedRow>> => {
      await hub.settled();
      return keyed(
        publicRaces(
          hub.races().map(({ race }) => race),
          hub.inputs().setup,
        ),
        ({ raceId }) => raceId,
      );
    };
    return createListCollection('races', { ...parts, load, onHint, everyMs: null });
  };

  const onCourse = (eventId: EventId): Collection => {
    const { hub, onHint } = onHub(eventId);
    const load = async (): Promise<Iterable<KeyedRow>> => {
      await hub.settled();
      const rows = await hub.between(() => courseRows(hub.races(), pause));
      return keyed(rows, ({ raceId, bib }) => `${raceId}/${encodeURIComponent(bib)}`);
    };
    return createListCollection('oncourse', { ...parts, load, onHint, everyMs: null });
  };

  const streams = (eventId: EventId): Collection => {
    const onHint: ListDeps['onHint'] = (note) => {
      const stops = [
        core.log.onAppended(({ streamId }) => {
          if (core.registry.stream(streamId)?.eventId === eventId) note();
        }),
        core.registry.onChange(note),
        core.docs.onChange((name) => {
          const doc = parseDocName(name);
          if (doc?.eventId === eventId && doc.type === 'setup') note();
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    };
    const load = async () => keyed(await streamsOf({ core, setups: core.setups }, eventId), ({ streamId }) => streamId);
    return createListCollection('streams', { ...parts, load, onHint, everyMs: NODES_MS });
  };

  const nodes = (eventId: EventId): Collection =>
    createListCollection('nodes', {
      ...parts,
      load: async () => keyed(nodesOf(core, eventId), ({ nodeId }) => nodeId),
      onHint: (note) => core.registry.onChange(note),
      everyMs: NODES_MS,
    });

  const reads = (eventId: EventId): Collection => createReadsCollection({ ...core, eventId });

  return { results, races, oncourse: onCourse, streams, nodes, reads };
};
