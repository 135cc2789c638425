import '../ui/base.css';
import './spectator.css';
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { type JSX, render } from 'preact';
import { createAddressBar } from '../platform/address-bar.ts';
import type { Announcer } from '../platform/announcer-store.ts';
import { createBrowserAttention } from '../platform/attention.ts';
import { createOnlineSignal } from '../platform/attention-signal.ts';
import { browserClock, browserTimers } from '../platform/browser-time.ts';
import { createFeedSocket } from '../platform/feed-socket.ts';
import { createHttp } from '../platform/http.ts';
import { createKeyValue } from '../platform/key-value.ts';
import type { KnownValues } from '../platform/known-values.ts';
import { createNowSignal } from '../platform/now-signal.ts';
import type { PageVersions } from '../platform/page-version.ts';
import { EventPage } from './event-page.tsx';
import { createEventSource, type EventSource } from './event-source.ts';
import { createEventStore, type EventStore } from './event-store.ts';
import type { FavouriteDesk } from './favourite-desk.ts';
import { firstRowsIn } from './first-rows.ts';
import { lazyPart } from './lazy-part.tsx';
import { routeOf } from './route.ts';
import { documentTitle, SpectatorPage, titleOf } from './spectator-page.tsx';
import { LANGUAGES, type Language, language, languageFor, speak } from './words.ts';

/** Composition root of the spectator page. */
const clock = browserClock;
const timers = browserTimers;
const random = { next: () => Math.random() };
const attention = createBrowserAttention(document, window);
const storage = createKeyValue(() => window.localStorage);
const http = createHttp((url, init) => fetch(url, init), null);
const openSocket = createFeedSocket(window.WebSocket, location.origin);
const polls = { http, clock, timers, random, attention };
const now = createNowSignal(clock, timers);
const online = createOnlineSignal(attention);
const announcer = signal<Announcer | null>(null);
const route = routeOf(location.pathname);

const LANGUAGE_KEY = 'baton.language';
const chooseLanguage = async (code: Language): Promise<void> => {
  await speak(code);
  storage.set(LANGUAGE_KEY, code);
};

const KEPT = 'baton.spectator';
/** What the device keeps; loaded beside the first answer, which does not wait for it. */
const loadKnown = async (): Promise<KnownValues> =>
  (await import('../platform/known-values.ts')).createKnownValues(storage, KEPT);

/** Somebody waits for news while the page is hidden. */
let isAwaited = false;
const onAwaited = (is: boolean): void => {
  isAwaited = is;
};

/** Runs once there is something to see: on a slow line, what results do not need would come in their way. */
const afterFirst = (source: EventSource, run: () => Promise<void>): void => {
  let isDone = false;
  effect(() => {
    if (source.state.value === null || isDone) return;
    isDone = true;
    timers.after(0, () => void run());
  });
};

const sourceOf = (eventId: string): EventSource => {
  const loadPolls = () => import('./polled-event.ts');
  const source = createEventSource({ ...polls, openSocket, isAwaited: () => isAwaited, loadPolls }, eventId);
  const keep = async (): Promise<void> => {
    const [{ keepEvent }, known] = await Promise.all([import('./kept-event.ts'), loadKnown()]);
    keepEvent({ known, source, timers, attention }, eventId);
  };
  const first = firstRowsIn(document, clock);
  if (first !== null) source.recall(first.state, first.at);
  // whoever was here before is shown what was known then, until the relay has spoken
  if (storage.get(`${KEPT}.known`) === null) afterFirst(source, keep);
  else void keep();
  return source;
};

const favouritesOf = (source: EventSource, eventId: string): ReadonlySignal<FavouriteDesk | null> => {
  const desk = signal<FavouriteDesk | null>(null);
  afterFirst(source, async () => {
    const [{ createFavouriteDesk }, { createNotificationDesk }, { createAnnouncer }] = await Promise.all([
      import('./favourite-desk.ts'),
      import('../platform/notify.ts'),
      import('../platform/announcer-store.ts'),
    ]);
    const notifications = createNotificationDesk(window);
    const made = createAnnouncer(timers);
    announcer.value = made;
    const { fail } = made;
    desk.value = createFavouriteDesk({ ...polls, source, storage, notifications, fail, onAwaited }, eventId);
  });
  return desk;
};

const openEvent = (eventId: string): EventStore => {
  const source = sourceOf(eventId);
  const address = createAddressBar(window);
  const store = createEventStore({ ...polls, source, address, favourites: favouritesOf(source, eventId) }, eventId);
  // the field is there before this script: somebody may have begun to type
  const field = document.querySelector<HTMLInputElement>('#search');
  if (field !== null && field.value !== '') store.setSearch(field.value);
  return store;
};

const Events = lazyPart(async () => (await import('./event-list.tsx')).EventList);
const AnnouncerView = lazyPart(async () => (await import('./announcer-page.tsx')).AnnouncerPage);

interface Shown {
  readonly page: JSX.Element;
  readonly title: ReadonlySignal<string | null>;
  /** There is something to see: what is not needed for that may begin. */
  readonly isThere: ReadonlySignal<boolean>;
}

const shown = (): Shown => {
  if (route.type === 'events') {
    const isThere = signal(false);
    const onThere = (): void => {
      isThere.value = true;
    };
    const page = <Events polls={polls} loadKnown={loadKnown} now={now} online={online} onThere={onThere} />;
    return { page, title: signal(null), isThere };
  }
  if (route.type === 'announcer') {
    const source = sourceOf(route.eventId);
    const page = <AnnouncerView {...{ eventId: route.eventId, source, clock, relay: location.origin, now, online }} />;
    return { page, title: titleOf(source), isThere: computed(() => source.state.value !== null) };
  }
  const store = openEvent(route.eventId);
  const { source } = store;
  const isThere = computed(() => source.state.value !== null);
  return { page: <EventPage store={store} now={now} online={online} />, title: titleOf(source), isThere };
};

const versions = signal<PageVersions | null>(null);
const keepPage = async (): Promise<void> => {
  if (versions.peek() !== null) return;
  const { keepPage: keep } = await import('./page-foot.tsx');
  versions.value = keep({
    keeper: navigator.serviceWorker,
    scope: '/',
    isSecure: window.isSecureContext,
    timers,
    attention,
    reload: () => location.reload(),
  });
};
/** Results first: on a slow line the worker's files would come in their way. */
const SETTLED_MS = 1500;

const draw = ({ page, title, isThere }: Shown, root: Element): void => {
  effect(() => {
    document.title = documentTitle(title.value, route.type === 'announcer' ? 'announcer' : 'liveResults');
    document.documentElement.lang = language();
  });
  effect(() => {
    if (isThere.value) timers.after(SETTLED_MS, () => void keepPage());
  });
  const isList = route.type === 'events';
  const onChoose = (code: Language): void => void chooseLanguage(code);
  // over what the relay has drawn: elements that are there are taken, and whatever differs is put right
  render(<SpectatorPage {...{ title, isList, onChoose, versions, announcer }}>{page}</SpectatorPage>, root);
};

/** The relay is asked first: a table of words comes on its way beside. Without it, the page speaks as it can. */
const begin = async (root: Element): Promise<void> => {
  const opened = shown();
  const chosen = storage.get(LANGUAGE_KEY);
  try {
    await speak(LANGUAGES.find((it) => it.code === chosen)?.code ?? languageFor(navigator.languages));
  } finally {
    draw(opened, root);
  }
};

const root = document.getElementById('page');
if (root === null) throw new Error('the page has no #page to render into');
void begin(root);
