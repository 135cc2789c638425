import { parseDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import type { HttpContext } from '../http/context.ts';
import { nodesOf } from '../http/nodes.ts';
import { streamsOf } from '../http/streams.ts';
import { publicRaces } from '../spectators/public-shape.ts';
import type { Collection, CollectionName } from './collection.ts';
import { createListCollection, type KeyedRow, type ListDeps } from './list-collection.ts';
import { createReadsCollection } from './reads-collection.ts';
import { createResultsCollection } from './results-collection.ts';

/** All collections that somebody follows, one of each kind for each event, however many clients there are. */
export interface Collections {
  readonly of: (eventId: EventId, name: CollectionName) => Collection;
  /** Subscriptions of all. */
  readonly size: () => number;
  /** Collections that are kept up to date. */
  readonly open: () => number;
  readonly stop: () => void;
}

/** Collections without subscribers are kept so long for who comes back after a short break. */
const IDLE_MS = 180_000;
const SWEEP_MS = 30_000;
/** Health and heartbeats change without a word. */
const NODES_MS = 1000;

const keyed = <T extends object>(rows: readonly T[], keyOf: (row: T) => string): readonly KeyedRow[] =>
  rows.map((row) => ({ key: keyOf(row), row: { ...row } }));

export const createCollections = (context: HttpContext): Collections => {
  const { core } = context;
  const { clock, timers, ids, journal: log, spectators } = core;
  const open = new Map<string, { readonly collection: Collection; idleSince: number | null }>();
  const parts = { clock, timers, ids, log };

  /** The event's hub stays as long as somebody follows it here. */
  const hubOf = (eventId: EventId) => {
    const desk = spectators.desk(eventId);
    const keep = timers.every(SWEEP_MS, desk.touch);
    return { hub: desk.hub, release: keep.clear };
  };

  const onHub = (eventId: EventId): Pick<ListDeps, 'onHint'> & { readonly hub: ReturnType<typeof hubOf>['hub'] } => {
    const { hub, release } = hubOf(eventId);
    return {
      hub,
      onHint: (note) => {
        const stop = hub.observe({ onDiff: note, onWhole: note });
        return () => {
          stop();
          release();
        };
      },
    };
  };

  const frozenOf = async (eventId: EventId) => {
    if (core.registry.event(eventId)?.status !== 'official') return null;
    const lists = await spectators.frozen(eventId);
    return lists === null ? null : new Map([...lists.races].map(([raceId, { rows }]) => [raceId as string, rows]));
  };

  const results = (eventId: EventId): Collection => {
    const { hub, release } = hubOf(eventId);
    const collection = createResultsCollection({ ...parts, hub, frozen: () => frozenOf(eventId) });
    return {
      ...collection,
      stop: () => {
        collection.stop();
        release();
      },
    };
  };

  const races = (eventId: EventId): Collection => {
    const { hub, onHint } = onHub(eventId);
    const load = async (): Promise<readonly KeyedRow[]> => {
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
    const load = async (): Promise<readonly KeyedRow[]> => {
      await hub.settled();
      const rows = hub.races().flatMap(({ live }) => live.onCourse());
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
    const load = async () => keyed(await streamsOf(context, eventId), ({ streamId }) => streamId);
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

  const make: Readonly<Record<CollectionName, (eventId: EventId) => Collection>> = {
    results,
    races,
    oncourse: onCourse,
    streams,
    nodes,
    reads,
  };

  const sweep = timers.every(SWEEP_MS, () => {
    for (const [key, it] of open) {
      if (it.collection.size() > 0) it.idleSince = null;
      else if (it.idleSince === null) it.idleSince = timers.mono();
      else if (timers.mono() - it.idleSince >= IDLE_MS) {
        open.delete(key);
        it.collection.stop();
      }
    }
  });

  return {
    of: (eventId, name) => {
      const key = `${eventId}/${name}`;
      const known = open.get(key) ?? { collection: make[name](eventId), idleSince: null };
      known.idleSince = null;
      open.set(key, known);
      return known.collection;
    },
    size: () => [...open.values()].reduce((sum, { collection }) => sum + collection.size(), 0),
    open: () => open.size,
    stop: () => {
      sweep.clear();
      for (const { collection } of open.values()) collection.stop();
      open.clear();
    },
  };
};
