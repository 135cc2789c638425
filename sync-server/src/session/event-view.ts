import { readSetup, type Setup, setupDocName, setupView } from '@baton/schema/doc';
import type { EventId, StreamId } from '@baton/schema/ids';
import type { Timer, Timers } from '@baton/schema/ports';
import { type Resolution, resolveSelection, type Selection, type StreamView } from '@baton/schema/selection';
import type { DocRooms, HeldDoc } from '../docs/doc-rooms.ts';
import type { Registry } from '../registry/registry.ts';

/** Where changes come in a storm, those within this many milliseconds are one recomputation; the contract allows 500. */
const COALESCE_MS = 25;
/**
 * So many changes in a row are told at once: who begins an epoch or takes a mapping away expects the very next read to go by
 * it. One more is allowed each `COALESCE_MS`.
 */
const BURST = 8;

/** Told in one go for so many milliseconds; the other listeners have their turn after what else waits. */
const SLICE_MS = 8;

/** What one event's selections resolve against, kept while somebody has selected something. */
export interface EventView {
  readonly resolve: (selection: Selection) => Resolution;
  /** Called (at once; in a storm coalesced) after the setup document or the set of streams and epochs has changed. */
  readonly onChange: (listener: () => void) => () => void;
}

export interface EventViews {
  /** Holds an event's view; call `release` when done. */
  readonly hold: (eventId: EventId) => Promise<{ readonly view: EventView; readonly release: () => void }>;
  /** Streams or epochs of the event have changed. */
  readonly streamsChanged: (eventId: EventId) => void;
}

/** Streams of an event as the resolver sees them. */
export const streamViews = (registry: Registry, eventId: EventId): ReadonlyMap<StreamId, StreamView> =>
  new Map(
    registry.streams(eventId).map((stream) => [
      stream.streamId,
      {
        streamId: stream.streamId,
        forwarderId: stream.forwarderId,
        currentEpoch: stream.currentEpoch,
        epochs: registry.epochs(stream.streamId).map((it) => it.epoch),
      },
    ]),
  );

interface LiveView extends EventView {
  readonly changed: () => void;
  readonly dispose: () => void;
}

/** When to tell of changes: after the present microtask while the allowance lasts, else together a little later. */
const createTelling = (
  timers: Timers,
  tell: () => void,
): { readonly changed: () => void; readonly stop: () => void } => {
  let allowance = BURST;
  let countedAt = timers.mono();
  let due = false;
  let timer: Timer | null = null;

  const isAllowed = (): boolean => {
    const now = timers.mono();
    allowance = Math.min(BURST, allowance + (now - countedAt) / COALESCE_MS);
    countedAt = now;
    if (allowance < 1) return false;
    allowance--;
    return true;
  };
  const tellOnce = (): void => {
    timer = null;
    if (!due) return;
    due = false;
    tell();
  };

  return {
    changed: () => {
      if (due) return;
      due = true;
      if (isAllowed()) queueMicrotask(tellOnce);
      else timer = timers.after(COALESCE_MS, tellOnce);
    },
    stop: () => {
      due = false;
      timer?.clear();
    },
  };
};

/** Calls many listeners without holding up the sockets; called again, it begins anew. */
const createSlicedTell = (timers: Timers, listeners: ReadonlySet<() => void>) => {
  let waiting: (() => void)[] = [];
  let timer: Timer | null = null;

  const tellSome = (): void => {
    timer = null;
    const until = timers.mono() + SLICE_MS;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (listeners.has(next)) next();
      if (timers.mono() >= until) break;
    }
    if (waiting.length > 0) timer = timers.after(0, tellSome);
  };
  return {
    tell: () => {
      waiting = [...listeners].reverse();
      timer?.clear();
      tellSome();
    },
    stop: () => {
      waiting = [];
      timer?.clear();
    },
  };
};

const createView = (
  deps: { readonly registry: Registry; readonly timers: Timers },
  eventId: EventId,
  held: HeldDoc,
): LiveView => {
  const listeners = new Set<() => void>();
  let setup: Setup | null = null;
  let streams: ReadonlyMap<StreamId, StreamView> | null = null;
  let answers = new Map<string, Resolution>();
  const sliced = createSlicedTell(deps.timers, listeners);
  const telling = createTelling(deps.timers, sliced.tell);

  const changed = (): void => {
    setup = null;
    streams = null;
    answers = new Map();
    telling.changed();
  };
  const stopListening = held.onUpdate(changed);

  const resolve = (selection: Selection): Resolution => {
    const key = JSON.stringify(selection);
    const known = answers.get(key);
    if (known !== undefined) return known;
    setup ??= readSetup(held.doc).setup;
    streams ??= streamViews(deps.registry, eventId);
    const answer = resolveSelection(selection, setupView(setup), streams);
    if (answers.size < 1000) answers.set(key, answer);
    return answer;
  };

  return {
    resolve,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed,
    dispose: () => {
      telling.stop();
      sliced.stop();
      stopListening();
      held.release();
    },
  };
};

export const createEventViews = (deps: {
  readonly registry: Registry;
  readonly docs: DocRooms;
  readonly timers: Timers;
}): EventViews => {
  const views = new Map<EventId, { readonly view: Promise<LiveView>; holders: number }>();

  const release = (eventId: EventId): void => {
    const entry = views.get(eventId);
    if (entry === undefined) return;
    entry.holders--;
    if (entry.holders > 0) return;
    views.delete(eventId);
    // a view that failed to load has told its holders so and has nothing to dispose
    entry.view.then(
      (view) => view.dispose(),
      () => undefined,
    );
  };

  return {
    hold: async (eventId) => {
      const entry = views.get(eventId) ?? {
        view: deps.docs.hold(setupDocName(eventId)).then((held) => createView(deps, eventId, held)),
        holders: 0,
      };
      entry.holders++;
      views.set(eventId, entry);
      let released = false;
      const releaseOnce = (): void => {
        if (released) return;
        released = true;
        release(eventId);
      };
      try {
        return { view: await entry.view, release: releaseOnce };
      } catch (error) {
        releaseOnce();
        throw error;
      }
    },
    streamsChanged: (eventId) => {
      views.get(eventId)?.view.then(
        (view) => view.changed(),
        () => undefined, // told to its holders
      );
    },
  };
};
