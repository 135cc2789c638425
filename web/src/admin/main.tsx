import '../platform/zod-setup.ts';
import '../ui/base.css';
import './admin.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { createAnnouncer } from '../platform/announcer-store.ts';
import { createBrowserAttention } from '../platform/attention.ts';
import { browserClock, browserTimers } from '../platform/browser-time.ts';
import { createHttp, type Http } from '../platform/http.ts';
import { createKeyValue } from '../platform/key-value.ts';
import { takeLinkToken } from '../platform/link-token.ts';
import { createSessionStore } from '../platform/session-store.ts';
import { AdminApp, type AdminParts } from './admin-app.tsx';
import { createRelayStore } from './relay-store.ts';
import { createAllTokens } from './tokens-store.ts';

/** Composition root of the admin's page. The token stays in this tab: it opens everything. */
const clock = browserClock;
const timers = browserTimers;
const httpAs = (token: string | null): Http => createHttp((url, init) => fetch(url, init), token);

const session = createSessionStore(
  { httpAs, storage: createKeyValue(() => sessionStorage), timers, key: 'baton.admin.token', roles: ['admin'] },
  takeLinkToken(location, history),
);

/** A token that the relay no longer takes ends the session, whichever call finds out. */
const http: Http = async (path, request) => {
  const reply = await httpAs(session.token())(path, request);
  if (reply.type === 'refused' && reply.status === 401) session.expire();
  return reply;
};

const poll = {
  http,
  clock,
  timers,
  random: { next: () => Math.random() },
  attention: createBrowserAttention(document, window),
};

let made: AdminParts | null = null;
const parts = (): AdminParts => {
  made ??= {
    relay: createRelayStore(poll),
    tokens: createAllTokens(poll),
    announcer: createAnnouncer(timers),
  };
  return made;
};

effect(() => {
  if (session.session.value.type === 'signed-in' || made === null) return;
  // what the last one saw is nothing for the next
  made.relay.stop();
  made.tokens.stop();
  made = null;
});

const root = document.getElementById('page');
if (root === null) throw new Error('the page has no #page to render into');
render(<AdminApp session={session} parts={parts} />, root);
