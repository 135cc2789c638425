import '../platform/zod-setup.ts';
import '../ui/base.css';
import './operator.css';
import './roster/roster.css';
import './together/together.css';
import './watch/watch.css';
import {
  adoptLeftBehind,
  createDeviceCopies,
  type DeviceOwner,
  forgetBehind,
  forgetDevice,
  keptBehind,
  leftBehind,
  unsavedOnDevice,
} from '@baton/client-core';
import type { MeBody } from '@baton/schema/http';
import { type EventId, RaceId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { createAddressBar } from '../platform/address-bar.ts';
import { createAnnouncer } from '../platform/announcer-store.ts';
import { createBrowserAttention, wakeOf } from '../platform/attention.ts';
import { browserIds } from '../platform/browser-ids.ts';
import { browserClock, browserTimers } from '../platform/browser-time.ts';
import { copyText } from '../platform/clipboard.ts';
import { createDeviceStorage } from '../platform/device-storage.ts';
import { createFiles } from '../platform/files.ts';
import { followDoc } from '../platform/follow-doc.ts';
import { createHttp, type Http } from '../platform/http.ts';
import { createKeyValue } from '../platform/key-value.ts';
import { createKnownValues } from '../platform/known-values.ts';
import { takeLinkToken } from '../platform/link-token.ts';
import { createNowSignal } from '../platform/now-signal.ts';
import { pageLifecycle } from '../platform/page-lifecycle.ts';
import { createPageVersions } from '../platform/page-version.ts';
import { createSessionStore } from '../platform/session-store.ts';
import { shareLink } from '../platform/share-link.ts';
import { createAddressStore } from './address-store.ts';
import { createCommands } from './commands.ts';
import { createDeviceStore } from './device-store.ts';
import { areKept } from './device-words.ts';
import type { OperatorParts } from './event-frame.tsx';
import { createEventsStore } from './events-store.ts';
import { OperatorApp } from './operator-app.tsx';
import { createWorkspaceStore } from './workspace-store.ts';

/** Composition root of the operator page. */
const clock = browserClock;
const timers = browserTimers;
const random = { next: () => Math.random() };
const attention = createBrowserAttention(document, window);

const storage = createKeyValue(() => localStorage);
const kept = createKnownValues(storage, 'baton.operate');
const versions = createPageVersions({
  keeper: navigator.serviceWorker,
  scope: '/operate',
  isSecure: isSecureContext,
  timers,
  attention,
  reload: () => location.reload(),
});

const httpAs = (token: string | null): Http => createHttp((url, init) => fetch(url, init), token);

const session = createSessionStore(
  {
    httpAs,
    storage,
    timers,
    key: 'baton.operate.token',
    roles: ['admin', 'operator'],
    memory: { clock, onForget: kept.forget },
  },
  takeLinkToken(location, history),
);

/** A token that the relay no longer takes ends the session, whichever call finds out. */
const http: Http = async (path, request) => {
  const reply = await httpAs(session.token())(path, request);
  if (reply.type === 'refused' && reply.status === 401) session.expire();
  return reply;
};

const address = createAddressStore(createAddressBar(window));

/** One browser may serve several people: each has copies of their own. */
const documentsOf = (eventId: EventId): string => `events/${eventId}/`;
const sum = (edits: ReadonlyMap<string, number>): number => [...edits.values()].reduce((a, b) => a + b, 0);
const ownerOf = ({ tokenId = null, role }: MeBody): DeviceOwner => ({ tokenId, role });
const copyDeps = {
  timers,
  ids: browserIds,
  log: silentLog,
  locks: 'locks' in navigator ? navigator.locks : null,
  onLifecycle: pageLifecycle(document),
};
const docDeps = { timers, random, log: silentLog, WebSocket, onWake: wakeOf(attention) };

const poll = { http, clock, timers, random, attention, kept };
const workspace = createWorkspaceStore({
  ...poll,
  session,
  address,
  followDocument: (name, token, me) =>
    followDoc(docDeps, {
      relay: location.origin,
      token,
      name,
      keepCopy: createDeviceCopies(copyDeps, ownerOf(me)),
    }),
  newRaceId: () => RaceId.parse(browserIds.uuid()),
});

/** Edits that neither the relay nor this device has end with the page: the browser asks before. */
addEventListener('beforeunload', (leaving) => {
  const link = workspace.value?.link.value;
  if (link?.unsaved === true && !areKept(link.keeping)) leaving.preventDefault();
});

const device = createDeviceStore({
  storage: createDeviceStorage(navigator.storage),
  documents: {
    unsaved: (me) => unsavedOnDevice(ownerOf(me)),
    forget: (me) => forgetDevice(ownerOf(me)),
    leftBehind: async (me, eventId) => sum(await leftBehind(ownerOf(me), documentsOf(eventId))),
    adopt: (me, eventId) => adoptLeftBehind(ownerOf(me), documentsOf(eventId)),
    keptBehind: (me, eventId) => keptBehind(ownerOf(me), documentsOf(eventId)),
    forgetBehind: (me, eventId) => forgetBehind(ownerOf(me), documentsOf(eventId)),
  },
  timers,
});
effect(() => {
  if (workspace.value?.link.value.unsaved === true) device.askToPersist();
});

let made: OperatorParts | null = null;
const parts = (): OperatorParts => {
  made ??= {
    address,
    events: createEventsStore(poll),
    commands: createCommands(http),
    announcer: createAnnouncer(timers),
    now: createNowSignal(clock, timers),
    clock,
    origin: location.origin,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    timezones: Intl.supportedValuesOf('timeZone'),
    copy: copyText,
    device,
    files: createFiles(document),
    share: shareLink(navigator),
    print: () => print(),
    me: () => (session.session.value.type === 'signed-in' ? session.session.value.me : null),
  };
  return made;
};

const root = document.getElementById('page');
if (root === null) throw new Error('the page has no #page to render into');
render(<OperatorApp session={session} workspace={workspace} versions={versions} device={device} parts={parts} />, root);
