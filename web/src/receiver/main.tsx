import '../platform/zod-setup.ts';
import '../ui/base.css';
import './receiver.css';
import {
  type ConnectionHandlers,
  createConnection,
  createMemoryReplica,
  createPullClient,
  openWebSocket,
} from '@baton/client-core';
import { receiverDocName, setupDocName } from '@baton/schema/doc';
import type { MeBody } from '@baton/schema/http';
import { silentLog } from '@baton/schema/ports';
import { CLIENT_VERSION } from '@baton/schema/protocol';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { createBrowserAttention, wakeOf } from '../platform/attention.ts';
import { browserClock, browserTimers } from '../platform/browser-time.ts';
import { followDoc } from '../platform/follow-doc.ts';
import { createHttp } from '../platform/http.ts';
import { createKeyValue } from '../platform/key-value.ts';
import { takeLinkToken } from '../platform/link-token.ts';
import { createSessionStore } from '../platform/session-store.ts';
import { createDeskStore } from './desk-store.ts';
import { createPullStore } from './pull-store.ts';
import { ReceiverApp, type ReceiverDesk } from './receiver-app.tsx';
import { createSelectionStore } from './selection-store.ts';
import { createSetupStore } from './setup-store.ts';
import { createStreamsStore } from './streams-store.ts';
import { createTailStore } from './tail-store.ts';

/** Composition root of the receiver page. */
const clock = browserClock;
const timers = browserTimers;
const random = { next: () => Math.random() };
const log = silentLog;
const attention = createBrowserAttention(document, window);
const storage = createKeyValue(() => localStorage);
const httpAs = (token: string) => createHttp((url, init) => fetch(url, init), token);

const session = createSessionStore(
  { httpAs, storage, timers, key: 'baton.receive.token', roles: ['receiver'] },
  takeLinkToken(location, history),
);

const openDesk = async ({ eventId, nodeId }: MeBody, token: string): Promise<ReceiverDesk | null> => {
  if (eventId === null || nodeId === null) return null;
  const relay = { url: location.origin, token };
  const follow = (name: string) =>
    followDoc({ timers, random, log, WebSocket, onWake: wakeOf(attention) }, { relay: location.origin, token, name });
  const selection = createSelectionStore({
    followed: follow(receiverDocName(eventId, nodeId)),
    storage,
    key: `baton.receive.selection.${eventId}.${nodeId}`,
  });
  const setup = createSetupStore(follow(setupDocName(eventId)));
  const http = httpAs(token);
  const streams = createStreamsStore({ http, clock, timers, random, attention }, eventId);
  const replica = createMemoryReplica({ log });
  const tail = createTailStore({ replica, timers });
  const pull = createPullStore({ clock, timers });
  const hello = () => ({ eventId, nodeId, clientVersion: CLIENT_VERSION, capabilities: { page: 'receive' } });
  const openConnection = (handlers: ConnectionHandlers) =>
    createConnection(
      { clock, timers, random, log, openSocket: openWebSocket },
      {
        ...relay,
        hello,
        handlers: {
          ...handlers,
          onState: (state) => {
            handlers.onState(state);
            pull.onConnection(state);
          },
        },
      },
    );
  const client = await createPullClient(
    { replica, timers, log, openConnection },
    { selection: selection.selection.peek() },
  );
  pull.follow(client);
  const stopSelecting = effect(() => client.select(selection.selection.value));
  client.connect();
  return {
    nodeId,
    setup,
    streams,
    selection,
    pull: pull.store,
    tail,
    connect: client.connect,
    close: () => {
      stopSelecting();
      void client.close();
      for (const store of [streams, tail]) store.stop();
      for (const store of [setup, selection]) store.close();
    },
  };
};

const root = document.getElementById('page');
if (root === null) throw new Error('the page has no #page to render into');
render(<ReceiverApp session={session} desk={createDeskStore(session, openDesk)} />, root);
