import './part-words.ts';
import { signal } from '@preact/signals';
import { renderToString } from 'preact-render-to-string';
import type { AddressBar } from '../platform/address-bar.ts';
import type { Attention } from '../platform/attention.ts';
import { EventPage } from './event-page.tsx';
import { createEventSource } from './event-source.ts';
import { createEventStore, type EventStore } from './event-store.ts';
import { decodeFull, type FullData } from './feed-body.ts';
import { takeFrame } from './feed-state.ts';
import { type View, viewHref, viewOf } from './route.ts';
import { documentTitle, SpectatorPage, titleOf } from './spectator-page.tsx';
import { type Language, languageFor, speakWith } from './words.ts';
import { GERMAN } from './words-de.ts';
import { english } from './words-en.ts';

/**
 * What somebody sees first of an event, drawn by the relay: the page itself, with the same stores and components, as it is
 * before it has heard anything. Built apart from the pages (`vite.first-view.config.ts`) and loaded by the relay.
 */

/** As the first rows come in the page (`first-rows` in the HTML); whose languages, best first; where, as `?race=…`; when, in ms. */
export interface Asked {
  readonly full: unknown;
  readonly languages: readonly string[];
  readonly search: string;
  readonly now: number;
}

export interface DrawnView {
  readonly language: Language;
  /** Text, to be escaped. */
  readonly title: string;
  /** Of all in `#page`: every text of others in it is escaped. */
  readonly html: string;
}

export interface FirstView {
  /** Whatever the view depends on besides `full`: with the same of both, the same is drawn. */
  readonly key: string;
  readonly draw: () => DrawnView;
}

/** Days begin and end at such a time, in every zone. */
const QUARTER_MS = 15 * 60_000;

/** A list of its own, or a runner, is nothing to begin with: the page asks for it. */
const isPlain = ({ bib, category, sex, search }: View): boolean =>
  bib === null && category === null && sex === null && search === '';

/** Null: not an event's page, or one that begins with something else than the first rows; the page draws that itself. */
export const firstView = (asked: Asked): FirstView | null => {
  const full = decodeFull(asked.full);
  const view = viewOf(asked.search);
  if (full === null || !isPlain(view)) return null;
  if (view.raceId !== null && !full.races.some((it) => it.raceId === view.raceId)) return null;
  const language = languageFor(asked.languages);
  const search = viewHref(full.event.eventId, view).replace(/^[^?]*/, '');
  return {
    key: [language, Math.floor(asked.now / QUARTER_MS), search].join(' '),
    draw: () => draw(full, { ...asked, search }, language),
  };
};

/** Nothing is sent, nothing is heard, and no time goes by. */
const TIMER = { clear: () => {} };
const timers = { after: () => TIMER, every: () => TIMER, mono: () => 0 };
const attention: Attention = { visible: () => true, online: () => true, onChange: () => () => {} };
const http = () => new Promise<never>(() => {});
const loadPolls = http;
const openSocket = () => ({ close: () => {} });
const random = { next: () => 0 };
const nothing = signal(null);
const online = signal(true);

const addressOf = (search: string): AddressBar => ({
  search: () => search,
  push: () => {},
  replace: () => {},
  onBack: () => {},
});

const openStore = (full: FullData, search: string, now: number): EventStore => {
  const { eventId } = full.event;
  const outside = { clock: { now: () => now }, timers, attention, http, random };
  const source = createEventSource({ ...outside, openSocket, loadPolls, isAwaited: () => false }, eventId);
  const step = takeFrame(null, { type: 'full', data: full });
  if (step.type === 'held') source.recall(step.state, Math.min(full.asOf, now));
  return createEventStore({ ...outside, source, address: addressOf(search), favourites: nothing }, eventId);
};

const draw = (full: FullData, { search, now }: Asked, code: Language): DrawnView => {
  // one page at a time, without a pause: whoever is drawn for next speaks anew
  const words = code === 'de' ? GERMAN : english;
  speakWith({ code, words, timezone: full.event.timezone });
  const store = openStore(full, search, now);
  const title = titleOf(store.source);
  try {
    const html = renderToString(
      <SpectatorPage title={title} isList={false} onChoose={() => {}} versions={nothing} announcer={nothing}>
        <EventPage store={store} now={signal(now)} online={online} />
      </SpectatorPage>,
    );
    return { language: code, title: documentTitle(title.value, 'liveResults'), html };
  } finally {
    store.stop();
  }
};
