import '../platform/zod-setup.ts';
import '../ui/base.css';
import './operator.css';
import './roster/roster.css';
import { rosterDocName, setupDocName } from '@baton/schema/doc';
import { RaceId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { render } from 'preact';
import { createAnnouncer } from '../platform/announcer-store.ts';
import { createBrowserAttention } from '../platform/attention.ts';
import { browserClock, browserTimers } from '../platform/browser-time.ts';
import { copyText } from '../platform/clipboard.ts';
import { createFiles } from '../platform/files.ts';
import { followDoc } from '../platform/follow-doc.ts';
import { createHttp, type Http } from '../platform/http.ts';
import { createKeyValue } from '../platform/key-value.ts';
import { createKnownValues } from '../platform/known-values.ts';
import { takeLinkToken } from '../platform/link-token.ts';
import { createNowSignal } from '../platform/now-signal.ts';
import { createPageVersions } from '../platform/page-version.ts';
import { createSessionStore } from '../platform/session-store.ts';
import { shareLink } from '../platform/share-link.ts';
import { createAddressStore } from './address-store.ts';
import { createCommands } from './commands.ts';
import type { OperatorParts } from './event-frame.tsx';
import { createEventsStore } from './events-store.ts';
import { leastSaved } from './least-saved.ts';
import { OperatorApp } from './operator-app.tsx';
import { createWorkspaceStore, docLinks } from './workspace-store.ts';

/** Composition root of the operator page. */
const clock = browserClock;
const timers = browserTimers;
const random = { next: () => Math.random() };
const attention = createBrowserAttention(document, window);

const storage = createKeyValue(() => localStorage);
const kept = createKnownValues(storage, 'baton.operate');
const versions = createPageVersions({
  keeper: navigator.serviceWorker,
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

const address = createAddressStore({
  search: () => location.search,
  push: (href) => history.pushState(null, '', href),
  onBack: (listener) => addEventListener('popstate', listener),
});

const poll = { http, clock, timers, random, attention, kept };
const workspace = createWorkspaceStore({
  ...poll,
  session,
  address,
  followSetup: (eventId, token) =>
    followDoc(
      { timers, random, log: silentLog, WebSocket },
      { relay: location.origin, token, name: setupDocName(eventId) },
    ),
  followRoster: (eventId, token) =>
    followDoc(
      { timers, random, log: silentLog, WebSocket },
      { relay: location.origin, token, name: rosterDocName(eventId) },
    ),
  newRaceId: () => RaceId.parse(crypto.randomUUID()),
});

/** Edits live in this page until the relay has them: the browser asks before they are thrown away. */
addEventListener('beforeunload', (leaving) => {
  const link = workspace.value === null ? undefined : leastSaved(docLinks(workspace.value));
  if (link?.type === 'syncing' || (link?.type === 'offline' && link.unsaved)) leaving.preventDefault();
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
    files: createFiles(document),
    share: shareLink(navigator),
    print: () => print(),
    me: () => (session.session.value.type === 'signed-in' ? session.session.value.me : null),
  };
  return made;
};

const root = document.getElementById('page');
if (root === null) throw new Error('the page has no #page to render into');
render(<OperatorApp session={session} workspace={workspace} versions={versions} parts={parts} />, root);
