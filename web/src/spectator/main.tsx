import '../ui/base.css';
import './spectator.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { createBrowserAttention } from '../platform/attention.ts';
import { createOnlineSignal } from '../platform/attention-signal.ts';
import { browserClock, browserTimers } from '../platform/browser-time.ts';
import { createHttp } from '../platform/http.ts';
import { createNowSignal } from '../platform/now-signal.ts';
import { titleWithYear } from '../ui/time-text.ts';
import { TopBar } from '../ui/top-bar.tsx';
import { EventList } from './event-list.tsx';
import { EventPage } from './event-page.tsx';
import { createEventStore } from './event-store.ts';
import { createEventsStore } from './events-store.ts';
import { createPollingSource } from './polling-source.ts';
import { raceOf, routeOf } from './route.ts';

/** Composition root of the spectator page. */
const clock = browserClock;
const timers = browserTimers;
const attention = createBrowserAttention(document, window);
const http = createHttp((url, init) => fetch(url, init), null);
const source = createPollingSource({ http, clock, timers, random: { next: () => Math.random() }, attention });
const now = createNowSignal(clock, timers);
const online = createOnlineSignal(attention);
const route = routeOf(location.pathname);

const showRaceInAddress = (raceId: string): void => {
  history.replaceState(null, '', `${location.pathname}?race=${encodeURIComponent(raceId)}`);
};

const eventPage = (eventId: string) => {
  const store = createEventStore({ source, timers }, eventId, raceOf(location.search));
  effect(() => {
    const event = store.event.value.value;
    if (event !== null) document.title = `${titleWithYear(event.title, event.date)} · Live results`;
  });
  const choose = (raceId: string): void => {
    store.choose(raceId);
    showRaceInAddress(raceId);
  };
  return <EventPage store={store} now={now} online={online} onChoose={choose} />;
};

const page =
  route.type === 'event' ? (
    eventPage(route.eventId)
  ) : (
    <EventList store={createEventsStore(source)} now={now} online={online} />
  );

const root = document.getElementById('page');
if (root === null) throw new Error('the page has no #page to render into');
render(
  <>
    <TopBar page="results" home="/">
      {route.type === 'event' ? (
        <a class="all-events" href="/">
          All events
        </a>
      ) : null}
    </TopBar>
    <main id="main" class="page" tabIndex={-1}>
      {page}
    </main>
  </>,
  root,
);
