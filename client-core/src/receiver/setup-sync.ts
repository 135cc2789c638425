import { createRosterReader, readSetup, rosterDocName, setupDocName } from '@baton/schema/doc';
import { EventBody, StreamList } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { FollowDoc } from '../doc/doc-client.ts';
import type { RelayApi } from '../http/relay-api.ts';
import type { Replica } from '../replica/replica.ts';
import { setupRows } from '../replica/setup-rows.ts';

export interface SetupSyncDeps {
  readonly timers: Timers;
  readonly log: Log;
  readonly api: RelayApi;
  readonly replica: Replica;
  readonly followDoc: FollowDoc;
}

/** Keeps the replica's tables of races, mappings and runners at what the documents say. */
export interface SetupSync {
  /** Streams or the replica itself may have changed. */
  readonly refresh: () => void;
  readonly close: () => Promise<void>;
}

/** Edits come in bursts; a roster of thousands is written as a whole. */
const SETTLE_MS = 300;
const RETRY_MS = 5000;

export const createSetupSync = (deps: SetupSyncDeps, eventId: EventId): SetupSync => {
  const { timers, log, api, replica } = deps;
  const setup = deps.followDoc(setupDocName(eventId));
  const roster = deps.followDoc(rosterDocName(eventId));
  const readRoster = createRosterReader();
  let begun = false;
  let timer: Timer | null = null;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  /** Empty documents that nobody has answered for yet must not wipe what is held from last time. */
  const areLoaded = (): boolean => setup.isLoaded() && roster.isLoaded();

  const tellProblems = (count: number): void => {
    if (count > 0) log.warn('entries of setup or roster do not parse and are left out', { count });
  };

  const write = async (): Promise<void> => {
    const list = await api.call('GET', `/streams?eventId=${eventId}`, StreamList);
    const event = await api.call('GET', `/events/${eventId}`, EventBody);
    if (closed || !areLoaded()) return;
    if (!list.ok || !event.ok) return refreshIn(RETRY_MS);
    const [races, people] = [readSetup(setup.doc), readRoster(roster.doc)];
    tellProblems(races.problems.length + people.problems.length);
    const done = await replica.applySetup(setupRows(races.setup, people.roster, list.value.streams, event.value));
    if (done.type === 'lost') refreshIn(RETRY_MS);
  };

  const refreshIn = (ms: number): void => {
    if (closed || !areLoaded()) return;
    timer?.clear();
    timer = timers.after(ms, () => {
      writing = writing.then(write);
    });
  };

  const refresh = (): void => refreshIn(SETTLE_MS);

  const refreshOnceLoaded = (): void => {
    if (begun || !areLoaded()) return;
    begun = true;
    refresh();
  };

  for (const { doc, onChange } of [setup, roster]) {
    doc.on('update', refresh);
    onChange(refreshOnceLoaded);
  }

  return {
    refresh,
    close: async () => {
      closed = true;
      timer?.clear();
      setup.close();
      roster.close();
      await writing;
    },
  };
};
