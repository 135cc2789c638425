import { editAs, parseDocName, readSetup, type Setup, setupDocName } from '@baton/schema/doc';
import type { Refusal } from '@baton/schema/errors';
import type { EventId, RaceId } from '@baton/schema/ids';
import type { Clock } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import type * as Y from 'yjs';
import { authorOf } from '../auth/author.ts';
import type { Grant } from '../auth/grant.ts';
import type { DocRooms } from '../docs/doc-rooms.ts';
import type { Registry } from '../registry/registry.ts';

/** The setup documents as HTTP needs them: read often, changed by commands. */
export interface Setups {
  readonly read: (eventId: EventId) => Promise<Setup>;
  /** One transaction by the relay, signed with who asked for it; resolves when durable. */
  readonly edit: (eventId: EventId, by: Grant | null, change: (doc: Y.Doc) => void) => Promise<Result<void, Refusal>>;
  /** The first of these events that has the race. */
  readonly eventOfRace: (raceId: RaceId, among: readonly EventId[]) => Promise<EventId | null>;
  /** Called after a setup document changed. Returns the way to stop. */
  readonly onChange: (listener: (eventId: EventId) => void) => () => void;
}

/** Parsed setups kept; the oldest goes first. */
const MAX_KEPT = 500;

/** Keeps each setup parsed until its document changes. */
export const createSetups = (deps: {
  readonly docs: Pick<DocRooms, 'hold' | 'onChange'>;
  readonly registry: Pick<Registry, 'onChange'>;
  readonly clock: Clock;
}): Setups => {
  const kept = new Map<EventId, Setup>();
  const listeners = new Set<(eventId: EventId) => void>();

  deps.docs.onChange((name) => {
    const parsed = parseDocName(name);
    if (parsed?.type !== 'setup') return;
    kept.delete(parsed.eventId);
    for (const listener of [...listeners]) listener(parsed.eventId);
  });
  deps.registry.onChange((changes) => {
    for (const change of changes) if (change.type === 'deleteEvent') kept.delete(change.eventId);
  });

  const keep = (eventId: EventId, setup: Setup): void => {
    const [oldest] = kept.keys();
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(eventId, setup);
  };

  const read = async (eventId: EventId): Promise<Setup> => {
    const known = kept.get(eventId);
    if (known !== undefined) return known;
    const held = await deps.docs.hold(setupDocName(eventId));
    try {
      const { setup } = readSetup(held.doc);
      keep(eventId, setup);
      return setup;
    } finally {
      held.release();
    }
  };

  return {
    read,
    edit: async (eventId, by, change) => {
      const held = await deps.docs.hold(setupDocName(eventId));
      const author = authorOf(by, deps.clock.now());
      try {
        return await held.edit((doc) => editAs(doc, author, change));
      } finally {
        held.release();
      }
    },
    eventOfRace: async (raceId, among) => {
      for (const eventId of among) if ((await read(eventId)).races.has(raceId)) return eventId;
      return null;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
