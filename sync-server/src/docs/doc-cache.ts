import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { DocRoom, DocRoomEvents } from './doc-room.ts';

export interface DocCacheDeps {
  readonly open: (name: string, events: DocRoomEvents) => Promise<DocRoom>;
  readonly timers: Timers;
  readonly log: Log;
  /** A document that nobody uses stays in memory this long. */
  readonly idleMs: number;
  /** Any document changed, or was read again. */
  readonly onChanged: (name: string) => void;
}

/** A document somebody uses; `release` when done. */
export interface UsedDoc {
  /** Rejects when the document cannot be read. */
  readonly room: Promise<DocRoom>;
  readonly onUpdate: (listener: () => void) => () => void;
  readonly release: () => void;
}

/** The documents in memory: each loaded once, shared by all who use it, and freed when nobody does. */
export interface DocCache {
  readonly use: (name: string) => UsedDoc;
  readonly size: () => number;
  /** Those that are loaded. */
  readonly rooms: () => readonly DocRoom[];
  /** Ends those whose names match; whoever still uses one finds it closed. */
  readonly drop: (which: (name: string) => boolean, farewell: (room: DocRoom) => void) => Promise<void>;
}

interface Entry {
  readonly room: Promise<DocRoom>;
  /** Null until loaded. */
  opened: DocRoom | null;
  users: number;
  idle: Timer | null;
  readonly listeners: Set<() => void>;
}

export const createDocCache = (deps: DocCacheDeps): DocCache => {
  const entries = new Map<string, Entry>();

  const isUnused = (entry: Entry): boolean => entry.users === 0 && entry.opened?.isIdle() === true;

  const keepAwake = (entry: Entry): void => {
    entry.idle?.clear();
    entry.idle = null;
  };

  const remove = (name: string, entry: Entry): void => {
    keepAwake(entry);
    if (entries.get(name) === entry) entries.delete(name);
  };

  const freeWhenUnused = (name: string, entry: Entry): void => {
    if (entry.idle !== null || !isUnused(entry)) return;
    entry.idle = deps.timers.after(deps.idleMs, () => {
      entry.idle = null;
      if (!isUnused(entry)) return;
      remove(name, entry);
      void entry.opened?.end('left');
    });
  };

  const eventsOf = (name: string, entry: () => Entry): DocRoomEvents => ({
    onChanged: () => {
      for (const listener of [...entry().listeners]) listener();
      deps.onChanged(name);
    },
    onIdle: () => freeWhenUnused(name, entry()),
  });

  const open = (name: string): Entry => {
    const entry: Entry = {
      room: deps.open(
        name,
        eventsOf(name, () => entry),
      ),
      opened: null,
      users: 0,
      idle: null,
      listeners: new Set(),
    };
    entries.set(name, entry);
    entry.room.then(
      (room) => {
        entry.opened = room;
        freeWhenUnused(name, entry);
      },
      (error: unknown) => {
        deps.log.error('a document cannot be loaded', { doc: name, reason: String(error) });
        remove(name, entry);
      },
    );
    return entry;
  };

  const releaseOnce = (name: string, entry: Entry): (() => void) => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      entry.users--;
      freeWhenUnused(name, entry);
    };
  };

  return {
    use: (name) => {
      const entry = entries.get(name) ?? open(name);
      // counted before the first await, so that it is not freed meanwhile
      entry.users++;
      keepAwake(entry);
      return {
        room: entry.room,
        onUpdate: (listener) => {
          entry.listeners.add(listener);
          return () => entry.listeners.delete(listener);
        },
        release: releaseOnce(name, entry),
      };
    },
    size: () => entries.size,
    rooms: () => [...entries.values()].flatMap(({ opened }) => opened ?? []),
    drop: async (which, farewell) => {
      const dropped = [...entries].filter(([name]) => which(name));
      for (const [name, entry] of dropped) remove(name, entry);
      const end = async ({ room }: Entry): Promise<void> => {
        const opened = await room;
        farewell(opened);
        await opened.end('dropped');
      };
      // one that cannot be loaded has said so, and has nothing to end
      await Promise.allSettled(dropped.map(([, entry]) => end(entry)));
    },
  };
};
