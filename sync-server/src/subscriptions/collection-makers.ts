import { parseDocName } from '@baton/schema/doc';
import type { PublicRace } from '@baton/schema/feed';
import type { EventId } from '@baton/schema/ids';
import type { AnnouncerRow } from '@baton/schema/results';
import { nodesOf } from '../nodes/node-bodies.ts';
import { streamsOf } from '../nodes/stream-bodies.ts';
import { courseRows } from '../spectators/course-rows.ts';
import type { FrozenLists } from '../spectators/frozen-lists.ts';
import { publicRaces } from '../spectators/public-shape.ts';
import type { Collection, CollectionName } from './collection.ts';
import { type CurrentHub, followHub } from './current-hub.ts';
import { createListCollection, type KeyedRow, type ListDeps } from './list-collection.ts';
import type { LiveCore } from './live-core.ts';
import { createReadsCollection } from './reads-collection.ts';
import { createResultsCollection } from './results-collection.ts';

/** The announcer's list is made anew from the first reads of all chips: not for each read of a crowd. */
const ANNOUNCER_MS = 400;
/** Health and heartbeats change without a word. */
const NODES_MS = 1000;

function* keyed<T extends object>(rows: readonly T[], keyOf: (row: T) => string): Iterable<KeyedRow> {
  for (const row of rows) yield { key: keyOf(row), row: Object.fromEntries(Object.entries(row)) };
}

/** Of who came by, without a word of the chip: by race and bib, or by the moment where nobody knows the chip. */
const announcerKeys = (rows: readonly AnnouncerRow[]): Iterable<KeyedRow> => {
  const taken = new Map<string, number>();
  return keyed(rows, ({ raceId, bib, at }) => {
    const key = bib === null ? `unknown/${at}` : `${raceId}/${encodeURIComponent(bib)}`;
    const before = taken.get(key) ?? 0;
    taken.set(key, before + 1);
    return before === 0 ? key : `${key}/${before + 1}`;
  });
};

/** How each kind of collection is kept up to date. */
export const collectionMakers = (
  core: LiveCore,
): Readonly<Record<CollectionName, (eventId: EventId) => Collection>> => {
  const { clock, timers, pace, ids, journal: log, spectators } = core;
  const parts = { clock, timers, pace, ids, log };

  const onHub = (eventId: EventId): Pick<ListDeps, 'onHint'> & { readonly hub: CurrentHub } => {
    const hub = followHub(core, eventId);
    return { hub, onHint: (note) => hub.observe({ onDiff: note, onWhole: note }) };
  };

  /** Null: the results still change. */
  const official = async (eventId: EventId): Promise<FrozenLists | null> =>
    core.registry.event(eventId)?.status === 'official' ? spectators.frozen(eventId) : null;

  const frozenOf = async (eventId: EventId) => {
    const lists = await official(eventId);
    return lists === null ? null : new Map([...lists.races].map(([raceId, { rows }]) => [raceId as string, rows]));
  };

  const results = (eventId: EventId): Collection =>
    createResultsCollection({ ...parts, hub: followHub(core, eventId), frozen: () => frozenOf(eventId) });

  const races = (eventId: EventId): Collection => {
    const { hub, onHint } = onHub(eventId);
    const load = async (): Promise<Iterable<KeyedRow>> => {
      const frozen = (await official(eventId))?.record.structure;
      await hub.settled();
      const now = (): readonly PublicRace[] =>
        publicRaces(
          hub.races().map(({ race }) => race),
          hub.inputs().setup,
        );
      return keyed(frozen ?? now(), ({ raceId }) => raceId);
    };
    return createListCollection('races', { ...parts, load, onHint, everyMs: null });
  };

  const onCourse = (eventId: EventId): Collection => {
    const { hub, onHint } = onHub(eventId);
    const load = async (): Promise<Iterable<KeyedRow>> => {
      const lists = await official(eventId);
      await hub.settled();
      const rows = lists?.record.oncourse ?? (await hub.between(() => courseRows(hub.races(), pace)));
      return keyed(rows, ({ raceId, bib }) => `${raceId}/${encodeURIComponent(bib)}`);
    };
    return createListCollection('oncourse', { ...parts, load, onHint, everyMs: null });
  };

  /** Reads, epochs, and the documents that say what they mean. */
  const onEventChange =
    (eventId: EventId): ListDeps['onHint'] =>
    (note) => {
      const stops = [
        core.log.onAppended(({ streamId }) => {
          if (core.registry.stream(streamId)?.eventId === eventId) note();
        }),
        core.registry.onChange(note),
        core.docs.onChange((name) => {
          const doc = parseDocName(name);
          if (doc?.eventId === eventId && doc.type !== 'receiver') note();
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    };

  const announcer = (eventId: EventId): Collection => {
    const { hub, onHint } = onHub(eventId);
    const load = async (): Promise<Iterable<KeyedRow>> => {
      const lists = await official(eventId);
      if (lists !== null) return announcerKeys(lists.record.announcer);
      await hub.settled();
      return announcerKeys((await spectators.desk(eventId).announcer.list(hub.inputs())).rows);
    };
    const onAnyHint: ListDeps['onHint'] = (note) => {
      const stops = [onHint(note), onEventChange(eventId)(note)];
      return () => {
        for (const stop of stops) stop();
      };
    };
    return createListCollection('announcer', {
      ...parts,
      load,
      onHint: onAnyHint,
      everyMs: null,
      gatherMs: ANNOUNCER_MS,
    });
  };

  const streams = (eventId: EventId): Collection => {
    const onHint = onEventChange(eventId);
    const load = async () => keyed(await streamsOf(core, eventId), ({ streamId }) => streamId);
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

  return { results, races, oncourse: onCourse, announcer, streams, nodes, reads };
};
