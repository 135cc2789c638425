import type { followLive, LiveCollection, LiveDocument } from '@baton/client-core/live';
import type { Clock } from '@baton/schema/ports';
import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { nullable, number, objectOf, type Shaped, shapedAs, text } from '../platform/shape.ts';
import type { EventSource } from './event-source.ts';
import type { Link } from './feed-link.ts';

/** `bib` is null for a chip that nobody has. */
const AnnouncerRow = objectOf({ id: text, bib: nullable(text), name: text, raceId: nullable(text), at: number });
export type AnnouncerRow = Shaped<typeof AnnouncerRow>;

/** Who came by, as long as somebody looks. */
export interface Announcements {
  /** Newest first; null before the first answer. */
  readonly rows: ReadonlySignal<readonly AnnouncerRow[] | null>;
  /** How far the rows may be trusted. */
  readonly link: ReadonlySignal<Link>;
  /** By the device's clock. */
  readonly confirmedAt: ReadonlySignal<number | null>;
  readonly stop: () => void;
}

export interface AnnouncementDeps {
  readonly source: Pick<EventSource, 'link' | 'confirmedAt'>;
  readonly clock: Clock;
  readonly follow: typeof followLive;
  /** As in an address bar: `https://host:port`. */
  readonly relay: string;
}

/** As many as are read from afar; the relay tells of more. */
const SHOWN = 25;
/** A screen in the hall is to be back soon after the relay is: there are few of them. */
const LONGEST_WAIT_MS = 5000;

const newestOf = (documents: ReadonlyMap<string, LiveDocument>): readonly AnnouncerRow[] =>
  [...documents.values()]
    .flatMap((document) => shapedAs(AnnouncerRow, document) ?? [])
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
    .slice(0, SHOWN);

const isThere = (link: Link): boolean => link.type === 'live' || link.type === 'polling' || link.type === 'final';

/**
 * Follows the announcer's list by the client of live subscriptions, from when the event is known to be there. That
 * client knows whether what it holds is current; whether the network still carries anything, the event's feed asks
 * again and again.
 */
export const followAnnouncements = (deps: AnnouncementDeps, eventId: string): Announcements => {
  const { source, clock } = deps;
  const rows = signal<readonly AnnouncerRow[] | null>(null);
  const isCurrent = signal(false);
  const isRefused = signal(false);
  /** When the rows were last known to be all, apart from what the feed has asked since. */
  const heardAt = signal<number | null>(null);
  let followed: LiveCollection | null = null;

  const confirmedAt = computed(() => {
    const [own, feed] = [heardAt.value, source.confirmedAt.value];
    return own === null || feed === null || !isCurrent.value ? own : Math.max(own, feed);
  });

  const begin = (): LiveCollection =>
    deps.follow({
      relay: deps.relay,
      eventId,
      collection: 'announcer',
      maxWaitMs: LONGEST_WAIT_MS,
      onChange: (documents, state) =>
        batch(() => {
          if (isCurrent.value) heardAt.value = confirmedAt.value;
          isCurrent.value = state.isCurrent;
          isRefused.value = state.refused !== null;
          if (!state.isCurrent) return;
          rows.value = newestOf(documents);
          heardAt.value = clock.now();
        }),
    });

  const forget = effect(() => {
    const link = source.link.value;
    // an event that is taken back refuses those who follow it; published again, it is followed anew
    if (link.type === 'unknown') {
      followed?.close();
      followed = null;
    }
    if (isThere(link)) followed ??= begin();
  });

  return {
    rows,
    link: computed(() => {
      const isAwaited = rows.value === null && !isRefused.value;
      return isCurrent.value || isAwaited ? source.link.value : { type: 'lost' };
    }),
    confirmedAt,
    stop: () => {
      forget();
      followed?.close();
    },
  };
};
