import './part-words.ts';
import type { Clock } from '@baton/schema/ports';
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { KeyValue } from '../platform/key-value.ts';
import type { NotificationDesk } from '../platform/notify.ts';
import type { EventSource } from './event-source.ts';
import { type News, NOTHING_TOLD, newsSince } from './favourite-news.ts';
import type { FollowedFavourites } from './followed-favourites.ts';
import { raceTimeText, rankText } from './local-text.ts';
import { viewHref } from './route.ts';
import { say } from './words.ts';

export type NotifierState = 'off' | 'on' | 'denied' | 'unsupported';

/** Tells about favourites as long as the page lives. */
export interface Notifier {
  readonly state: ReadonlySignal<NotifierState>;
  /** Asks the browser's permission where it is needed. */
  readonly turnOn: () => Promise<void>;
  readonly turnOff: () => void;
  readonly stop: () => void;
}

export interface NotifierDeps {
  readonly desk: NotificationDesk;
  readonly storage: KeyValue;
  readonly clock: Clock;
  readonly eventId: string;
  readonly source: Pick<EventSource, 'state' | 'link'>;
  readonly favourites: Pick<FollowedFavourites, 'all'>;
}

export const NOTIFY_KEY = 'baton.notify';

const VIEW = { part: null, category: null, sex: null, search: '' };

const textOf = (eventId: string, it: News): Parameters<NotificationDesk['show']>[0] => {
  if (it.type === 'official') {
    const href = viewHref(eventId, { ...VIEW, raceId: null, bib: null });
    return { title: say('toldOfficial'), body: '', tag: `${eventId} official`, href };
  }
  const { raceId, bib, rank } = it.row;
  const href = viewHref(eventId, { ...VIEW, raceId, bib });
  const time = raceTimeText(it.row.chipMs ?? it.row.gunMs);
  const name = it.name === '' ? say('bibOf', { bib }) : it.name;
  const isFinished = it.type === 'finished';
  return {
    title: say(isFinished ? 'toldFinished' : 'toldStarted', { name }),
    body: isFinished && rank !== null ? say('toldFinishedIn', { time, rank: rankText(rank) }) : say('bibOf', { bib }),
    tag: `${eventId} ${it.key}`,
    href,
  };
};

export const createNotifier = ({ desk, storage, clock, eventId, source, favourites }: NotifierDeps): Notifier => {
  const isWanted = storage.get(NOTIFY_KEY) === 'on';
  const permitted = (wanted: boolean): NotifierState => {
    const permission = desk.permission();
    if (permission === 'denied' || permission === 'unsupported') return permission;
    return wanted && permission === 'granted' ? 'on' : 'off';
  };
  const state = signal<NotifierState>(permitted(isWanted));
  let told = NOTHING_TOLD;

  const stop = effect(() => {
    const event = source.state.value?.event;
    const followed = favourites.all.value.map(({ favourite, rows }) => ({
      key: `${favourite.raceId} ${favourite.bib}`,
      name: rows?.[0]?.name ?? favourite.name,
      rows,
    }));
    // what a device kept is of another day: only what the relay says is news
    const link = source.link.value.type;
    if (event === undefined || link === 'connecting' || link === 'lost') return;
    const since = newsSince(told, { status: event.status, followed, at: clock.now() });
    told = since.told;
    if (state.peek() === 'on') for (const it of since.news) desk.show(textOf(eventId, it));
  });

  return {
    state,
    turnOn: async () => {
      await desk.ask();
      state.value = permitted(true);
      if (state.value === 'on') storage.set(NOTIFY_KEY, 'on');
    },
    turnOff: () => {
      state.value = permitted(false);
      storage.remove(NOTIFY_KEY);
    },
    stop,
  };
};
