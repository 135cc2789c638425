import { EventId, NodeId } from '@baton/schema/ids';
import type { Log, LogFields } from '@baton/schema/ports';
import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { type AttachRequest, createAttachments } from '../../src/nodes/attachments.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { EventRecord } from '../../src/storage/records.ts';
import type { Store } from '../../src/storage/store.ts';

export const NODE = NodeId.parse('gate');
export const RUN = EventId.parse('spring-run');
export const OTHER = EventId.parse('autumn-run');

export const eventRecord = (eventId: EventId, minClientVersion: string | null = null): EventRecord => ({
  eventId,
  title: eventId,
  date: '2026-03-07',
  timezone: 'Europe/Paris',
  location: null,
  status: 'running',
  statusChangedAt: 0,
  minClientVersion,
  createdAt: 0,
});

export const request = (eventId: EventId, change: Partial<AttachRequest> = {}): AttachRequest => ({
  nodeId: NODE,
  eventId,
  role: 'forwarder',
  label: null,
  clientVersion: '1.0',
  capabilities: {},
  health: 'online',
  declares: true,
  ...change,
});

/** Attachments on a store, under a clock that the test moves; every commit is counted. */
export const createStage = async (inner: Store = createMemoryStore(), events: readonly EventId[] = [RUN, OTHER]) => {
  let commits = 0;
  const store: Store = {
    ...inner,
    commit: (changes) => {
      commits++;
      return inner.commit(changes);
    },
  };
  const time = createVirtualTime();
  const lines: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
  const note = (message: string, fields?: LogFields): void => void lines.push({ message, fields });
  const journal: Log = { ...silentLog, info: note, warn: note, error: note };
  const registry = createRegistry(await store.load(), store);
  const missing = events.filter((it) => registry.event(it) === undefined);
  await registry.change(missing.map((it) => ({ type: 'putEvent', event: eventRecord(it) })));
  let ids = 0;
  const attachments = createAttachments(
    { registry, ...time, ids: { uuid: () => `attachment-${++ids}` }, journal },
    { degradedMs: 30_000, offlineMs: 60_000, sweepMs: 5_000 },
  );
  const at = (eventId: EventId, nodeId = NODE) => ({ nodeId, eventId });
  const stateIn = (eventId: EventId) => attachments.nodes(eventId).find((it) => it.nodeId === NODE)?.state;
  return { store, registry, attachments, time, lines, at, stateIn, commits: () => commits };
};
