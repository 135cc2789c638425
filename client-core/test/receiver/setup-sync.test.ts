import { participantIdFor, putChip, putParticipant, rosterDocName, setupDocName } from '@baton/schema/doc';
import { EventId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { err } from '@baton/schema/result';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { FollowedClient } from '../../src/doc/doc-client.ts';
import type { RelayApi } from '../../src/http/relay-api.ts';
import { createSetupSync } from '../../src/receiver/setup-sync.ts';
import { createMemoryReplica } from '../../src/replica/memory-replica.ts';
import type { Lost } from '../../src/replica/replica.ts';
import { NO_SETUP } from '../../src/replica/setup-rows.ts';

const EVENT = EventId.parse('e1');
const EVENT_BODY = {
  eventId: EVENT,
  title: 'Spring run',
  date: '2026-03-06',
  timezone: 'Europe/Paris',
  location: null,
  status: 'running',
  statusChangedAt: 0,
  minClientVersion: null,
  createdAt: 0,
};

/** A followed document that loads when the test says so. */
const createDoc = () => {
  const doc = new Y.Doc();
  const listeners = new Set<() => void>();
  let loaded = false;
  const client: FollowedClient = {
    doc,
    link: () => ({ type: 'synced', unsaved: false, keeping: { type: 'none' } }),
    isLoaded: () => loaded,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connect: () => {},
    close: () => doc.destroy(),
  };
  const load = (): void => {
    loaded = true;
    for (const listener of listeners) listener();
  };
  return { client, doc, load };
};

const stage = () => {
  const time = createVirtualTime();
  const docs = { [setupDocName(EVENT)]: createDoc(), [rosterDocName(EVENT)]: createDoc() };
  const [setup, roster] = Object.values(docs) as [ReturnType<typeof createDoc>, ReturnType<typeof createDoc>];
  const memory = createMemoryReplica({ log: silentLog });
  const failures = { relay: false, replica: false };
  let writes = 0;
  const lost: Lost = { type: 'lost', message: 'reopening' };
  const api: RelayApi = {
    call: async (_method, path, answer) =>
      failures.relay
        ? err({ type: 'unreachable', message: 'no relay' })
        : { ok: true, value: answer.parse(path.startsWith('/events/') ? EVENT_BODY : { streams: [] }) },
    stream: async () => err({ type: 'unreachable', message: 'no relay' }),
  };
  const sync = createSetupSync(
    {
      timers: time.timers,
      log: silentLog,
      api,
      followDoc: (name) => (docs[name] ?? createDoc()).client,
      replica: {
        ...memory,
        applySetup: async (rows) => {
          writes++;
          return failures.replica ? lost : memory.applySetup(rows);
        },
      },
    },
    EVENT,
  );
  const addRunner = (bib: string): void => {
    const participantId = participantIdFor(null, bib);
    putParticipant(roster.doc, { participantId, bib, lastName: `Runner ${bib}` });
    putChip(roster.doc, `chip-${bib}`, participantId);
  };
  return { time, setup, roster, memory, failures, sync, addRunner, writes: () => writes };
};

describe('setup in the replica', () => {
  it('is written once both documents are loaded, never from empty ones', async () => {
    const { time, setup, roster, memory, addRunner, writes } = stage();
    addRunner('7');
    setup.load();
    await time.advanceAsync(10_000);
    expect(writes()).toBe(0);
    roster.load();
    await time.advanceAsync(1000);
    expect(memory.setup()).toMatchObject({
      participants: [{ bib: '7', last_name: 'Runner 7' }],
      chips: [{ chip: 'chip-7' }],
    });
  });

  it('follows edits, a burst as one', async () => {
    const { time, setup, roster, memory, addRunner, writes } = stage();
    setup.load();
    roster.load();
    await time.advanceAsync(1000);
    expect([memory.setup().participants, writes()]).toEqual([[], 1]);
    expect(memory.setup().event).toEqual([
      { event_id: EVENT, title: 'Spring run', date: '2026-03-06', timezone: 'Europe/Paris' },
    ]);
    for (let bib = 1; bib <= 20; bib++) addRunner(`${bib}`);
    await time.advanceAsync(1000);
    expect([memory.setup().participants.length, writes()]).toEqual([20, 2]);
  });

  it.each(['relay', 'replica'] as const)('is tried again when the %s fails', async (part) => {
    const { time, setup, roster, memory, failures, addRunner } = stage();
    failures[part] = true;
    addRunner('7');
    setup.load();
    roster.load();
    await time.advanceAsync(3000);
    expect(memory.setup()).toEqual(NO_SETUP);
    failures[part] = false;
    await time.advanceAsync(10_000);
    expect(memory.setup().participants).toHaveLength(1);
  });

  it('is written again when asked, and no more once closed', async () => {
    const { time, setup, roster, sync, writes } = stage();
    setup.load();
    roster.load();
    await time.advanceAsync(1000);
    sync.refresh();
    await time.advanceAsync(1000);
    expect(writes()).toBe(2);
    await sync.close();
    sync.refresh();
    await time.advanceAsync(10_000);
    expect(writes()).toBe(2);
  });
});
