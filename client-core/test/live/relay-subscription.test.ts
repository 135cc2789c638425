import { EMPTY_ROSTER, EMPTY_SETUP } from '@baton/schema/doc';
import { EventId, StreamId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { ok } from '@baton/schema/result';
import { createSocketNetwork, createVirtualTime } from '@baton/testkit';
import { expect, it, onTestFinished } from 'vitest';
import type { SetupItem } from '../../src/live/consumer.ts';
import type { EventDocuments } from '../../src/live/sources/event-documents.ts';
import { subscribeToRelay } from '../../src/live/sources/relay-subscription.ts';
import { createScriptedRelay } from '../reads/scripted-relay.ts';

const streamId = StreamId.parse('box.mat');
const SETUP: SetupItem = { type: 'setup', setup: EMPTY_SETUP, roster: EMPTY_ROSTER };

/** Documents that come when the test says so. */
const scriptedDocuments = () => {
  let tell = (_setup: SetupItem): void => {};
  const documents: EventDocuments = {
    follow: (listener) => {
      tell = listener;
      return () => {};
    },
    close: () => {},
  };
  return { documents, tell: () => tell(SETUP) };
};

const stage = (documents: EventDocuments | null) => {
  const time = createVirtualTime();
  const relay = createScriptedRelay();
  relay.grow({ streamId, epoch: 1 }, 250);
  const network = createSocketNetwork(relay.onConnect);
  const told: string[] = [];
  const subscription = subscribeToRelay(
    {
      ...time,
      log: silentLog,
      openSocket: network.openSocket,
      selectionNow: async () => ok({ mode: 'manual', streams: [streamId] }),
      documents,
    },
    { url: 'ws://relay/sync', token: 't', eventId: EventId.parse('e'), window: 1000, lookMs: 5000 },
    new Map(),
    {
      onReads: (run, done) => {
        told.push(`${run.reads.length} reads`);
        done();
      },
      onSetup: () => told.push('setup'),
      onCaughtUp: () => told.push('caught up'),
      onEnd: ({ reason }) => told.push(`end: ${reason}`),
    },
  );
  /** Time passes, and everything on its way arrives. */
  const pass = async (ms: number): Promise<void> => {
    for (let step = 0; step < 10; step++) {
      network.flush();
      await time.advanceAsync(ms / 10);
    }
  };
  onTestFinished(subscription.close);
  return { pass, relay, told };
};

it('[EF-06] tells the documents before the first read, however late they come', async () => {
  const { documents, tell } = scriptedDocuments();
  const { pass, relay, told } = stage(documents);
  await pass(5000);
  expect([told, relay.selects]).toEqual([[], []]);
  tell();
  await pass(1000);
  expect(told).toEqual(['setup', '100 reads', '100 reads', '50 reads', 'caught up']);
  tell();
  await pass(10_000);
  expect(told.slice(5)).toEqual(['setup']);
  expect(relay.selects).toHaveLength(1);
});

it('[EF-06] waits for no documents where none are followed', async () => {
  const { pass, told } = stage(null);
  await pass(1000);
  expect(told).toEqual(['100 reads', '100 reads', '50 reads', 'caught up']);
});
