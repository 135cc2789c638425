import '../platform/zod-setup.ts';
import '../ui/base.css';
import './receiver.css';
import {
  type ConnectionHandlers,
  createConnection,
  createDeviceCopies,
  createDocClient,
  createLatch,
  createRelayApi,
  createSetupSync,
  type DeviceOwner,
  forgetDevice,
  forgetReplica,
  openSharedReplica,
  openTabLine,
  openWebSocket,
  type SharedReplica,
} from '@baton/client-core';
import { receiverDocName, setupDocName } from '@baton/schema/doc';
import type { MeBody } from '@baton/schema/http';
import { createJsonLog } from '@baton/schema/ports';
import { CLIENT_VERSION } from '@baton/schema/protocol';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { createAddressBar } from '../platform/address-bar.ts';
import { createAnnouncer } from '../platform/announcer-store.ts';
import { createBrowserAttention, wakeOf } from '../platform/attention.ts';
import { browserIds } from '../platform/browser-ids.ts';
import { browserClock, browserTimers } from '../platform/browser-time.ts';
import { createDeviceStorage } from '../platform/device-storage.ts';
import { createFiles } from '../platform/files.ts';
import { followDoc } from '../platform/follow-doc.ts';
import { createHttp } from '../platform/http.ts';
import { createKeyValue } from '../platform/key-value.ts';
import { takeLinkToken } from '../platform/link-token.ts';
import { pageLifecycle } from '../platform/page-lifecycle.ts';
import { createPageVersions, type PageKeeper } from '../platform/page-version.ts';
import { createSessionStore } from '../platform/session-store.ts';
import { createAddressStore } from './address-store.ts';
import type { DeskTools, ReceiverDesk } from './desk.ts';
import { createDeskStore } from './desk-store.ts';
import { createHeldStore } from './held-store.ts';
import { beginPullSession, type DeskCommand } from './pull-session.ts';
import { createPullStore } from './pull-store.ts';
import { ReceiverApp } from './receiver-app.tsx';
import { createReplicaStore } from './replica-store.ts';
import { selectionOf } from './selection-draft.ts';
import { createSelectionStore } from './selection-store.ts';
import { createSetupStore } from './setup-store.ts';
import { SQL_HISTORY_KEY } from './sql/sql-history.ts';
import { createStorageStore } from './storage-store.ts';
import { createStreamsStore } from './streams-store.ts';

/** Composition root of the receiver page. */
const clock = browserClock;
const timers = browserTimers;
const random = { next: () => Math.random() };
/** For whoever opens the browser's console: what went wrong, and what was done about it. */
const log = createJsonLog({ clock, write: (line) => console.warn(line) }, 'warn');
const attention = createBrowserAttention(document, window);
const storage = createKeyValue(() => localStorage);
const deviceStorage = createDeviceStorage(navigator.storage);
/** The database's files come to the page first, and from there to the worker that keeps them: over the network once. */
const atWork = createLatch();
const keeper: PageKeeper | undefined =
  navigator.serviceWorker === undefined
    ? undefined
    : {
        register: async (...script) => {
          await atWork.opened;
          return navigator.serviceWorker.register(...script);
        },
      };
const versions = createPageVersions({
  keeper,
  scope: '/receive',
  isSecure: isSecureContext,
  timers,
  attention,
  reload: () => location.reload(),
});
const locks = 'locks' in navigator ? navigator.locks : null;
const onLifecycle = pageLifecycle(document);
const httpAs = (token: string) => createHttp((url, init) => fetch(url, init), token);

const session = createSessionStore(
  { httpAs, storage, timers, key: 'baton.receive.token', roles: ['receiver'], memory: { clock, onForget: () => {} } },
  takeLinkToken(location, history),
);

const browserStorage = {
  manager: navigator.storage ?? null,
  indexedDb: 'indexedDB' in globalThis ? indexedDB : null,
};
/** A first open was measured at 4–5 s, and at 25 s on a machine with five times too much to do. */
const replicaLimits = { openMs: 60_000, callMs: 60_000 };
const ownerOf = ({ tokenId = null, role }: MeBody): DeviceOwner => ({ tokenId, role });
const docDeps = { timers, random, log, WebSocket, onWake: wakeOf(attention) };
const copyDeps = { timers, ids: browserIds, log, locks, onLifecycle };

const openDesk = async (me: MeBody, token: string): Promise<ReceiverDesk | null> => {
  const { eventId, nodeId } = me;
  if (eventId === null || nodeId === null) return null;
  const relay = { url: location.origin, token };
  const docOptions = (name: string) => ({
    relay: location.origin,
    token,
    name,
    keepCopy: createDeviceCopies(copyDeps, ownerOf(me)),
  });
  const selection = createSelectionStore({
    followed: followDoc(docDeps, docOptions(receiverDocName(eventId, nodeId))),
    storage,
    key: `baton.receive.selection.${eventId}.${nodeId}`,
  });
  const setup = createSetupStore(followDoc(docDeps, docOptions(setupDocName(eventId))));
  const streams = createStreamsStore({ http: httpAs(token), clock, timers, random, attention }, eventId);
  const hello = () => ({ eventId, nodeId, clientVersion: CLIENT_VERSION, capabilities: { page: 'receive' } });
  const openConnection = (handlers: ConnectionHandlers) =>
    createConnection({ clock, timers, random, log, openSocket: openWebSocket }, { ...relay, hello, handlers });
  const api = createRelayApi({ relay: location.origin, token });
  const followSetup = (name: string) => createDocClient(docDeps, docOptions(name));
  const replicaName = `${eventId}.${nodeId}`;
  const command = (said: DeskCommand): void => shared.command(said);

  const shared: SharedReplica = openSharedReplica(
    {
      timers,
      log,
      ids: browserIds,
      locks,
      onLifecycle,
      openLine: openTabLine,
      storage: browserStorage,
      startWorker: () => new Worker(new URL('./replica-worker.ts', import.meta.url), { type: 'module' }),
      work: (replica, choice) =>
        beginPullSession(
          {
            clock,
            timers,
            log,
            selection: selection.selection,
            openConnection,
            publish: (report) => shared.publish(report),
            onSelected: selection.select,
            syncSetup: (owned) =>
              createSetupSync({ timers, log, api, replica: owned, followDoc: followSetup }, eventId),
          },
          replica,
          choice,
        ),
    },
    {
      name: replicaName,
      // without locks two tabs could open one database: each has its own in memory then
      modes: locks === null ? ['memory'] : ['opfs', 'indexeddb', 'memory'],
      limits: replicaLimits,
    },
  );
  const replica = createReplicaStore(shared);
  effect(() => {
    if (['owner', 'follower', 'unavailable'].includes(replica.ownership.value.type)) atWork.open();
  });
  const live = { replica: shared.replica, timers };
  const held = createHeldStore(live);
  const space = createStorageStore(deviceStorage, timers);
  const pull = createPullStore(shared);
  const stopFollowing = effect(() => {
    const status = pull.status.value;
    // the owner's own session follows the selection: what it says comes later than what was chosen
    if (status !== null && shared.ownership().type === 'follower') selection.follow(status.selection);
  });
  const close = async (): Promise<void> => {
    stopFollowing();
    for (const store of [streams, held, space, pull, replica]) store.stop();
    for (const store of [setup, selection]) store.close();
    await shared.close();
  };
  return {
    nodeId,
    setup,
    streams,
    selection: {
      ...selection,
      choose: (draft) => {
        selection.choose(draft);
        const chosen = selectionOf(draft);
        if (chosen !== null) command({ type: 'select', selection: chosen });
      },
    },
    pull,
    held,
    replica,
    database: shared.replica,
    live,
    storage: space,
    persistence: await deviceStorage.persist(),
    connect: () => command({ type: 'connect' }),
    repair: ({ streamId, epoch }) => command({ type: 'repair', streamId, epoch }),
    close: () => void close(),
    forget: async () => {
      await close();
      storage.remove(SQL_HISTORY_KEY);
      await forgetReplica(browserStorage, replicaName);
      await forgetDevice(ownerOf(me));
    },
  };
};

const tools: DeskTools = {
  address: createAddressStore(createAddressBar(window)),
  clock,
  timers,
  files: createFiles(document),
  kept: storage,
  announcer: createAnnouncer(timers),
};

const root = document.getElementById('page');
if (root === null) throw new Error('the page has no #page to render into');
render(
  <ReceiverApp session={session} desk={createDeskStore(session, openDesk)} versions={versions} tools={tools} />,
  root,
);
