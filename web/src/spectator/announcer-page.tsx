import './part-words.ts';
import { followLive } from '@baton/client-core/live';
import type { Clock } from '@baton/schema/ports';
import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Empty, Loading } from '../ui/notice.tsx';
import { titleWithYear } from '../ui/race-text.ts';
import { type AnnouncerRow, followAnnouncements } from './announcements.ts';
import type { EventSource } from './event-source.ts';
import { freshnessOf } from './freshness.ts';
import { FreshnessLine, FreshnessNotice } from './freshness-line.tsx';
import { clockText } from './local-text.ts';
import type { RaceInfo } from './public-body.ts';
import { RaceTime } from './race-time.tsx';
import { eventHref } from './route.ts';
import { say } from './words.ts';

export interface AnnouncerProps {
  readonly eventId: string;
  readonly source: EventSource;
  readonly clock: Clock;
  /** As in an address bar: `https://host:port`. */
  readonly relay: string;
  readonly now: ReadonlySignal<number>;
  readonly online: ReadonlySignal<boolean>;
}

/** So long somebody who came by stands out. */
const NEW_MS = 10_000;

const Line = (props: {
  readonly row: AnnouncerRow;
  readonly race: RaceInfo | undefined;
  readonly timezone: string;
  readonly isNew: boolean;
}): JSX.Element => {
  const { row } = props;
  return (
    <li class={props.isNew ? 'announced is-new' : 'announced'}>
      <span class="announced-bib">{row.bib ?? ''}</span>
      <span class="announced-name">
        {row.bib === null ? say('unknownRunner') : row.name === '' ? say('bibOf', { bib: row.bib }) : row.name}
        <span class="announced-race">{props.race?.name ?? ''}</span>
      </span>
      <time class="announced-time">{clockText(row.at, props.timezone)}</time>
    </li>
  );
};

/** The page at `/e/<eventId>/announcer`: who came by, newest first, to be read from afar. */
export const AnnouncerPage = (props: AnnouncerProps): JSX.Element => {
  const { eventId, source, clock, relay, now, online } = props;
  const list = useMemo(() => followAnnouncements({ source, clock, follow: followLive, relay }, eventId), [eventId]);
  useEffect(() => list.stop, [list]);
  const state = source.state.value;
  const rows = list.rows.value;
  const freshness = {
    of: (at: number) => freshnessOf(list.link.value, list.confirmedAt.value, at, online.value),
    now,
  };
  const races = state?.races ?? [];
  const relayNow = now.value + source.skewMs.value;
  const [first] = races;
  if (source.link.value.type === 'unknown') {
    return (
      <div class="card">
        <h1 class="visually-hidden">{say('announcer')}</h1>
        <Empty title={say('noEvent')}>{say('noEventWhy')}</Empty>
      </div>
    );
  }
  return (
    <div class="stack announcer">
      <header class="event-heading">
        <div class="event-heading-words">
          <h1>{state === null ? say('announcer') : titleWithYear(state.event.title, state.event.date)}</h1>
          <div class="row">
            <span class="muted">{say('announcer')}</span>
            <FreshnessLine {...freshness} />
            <a href={eventHref(eventId)}>{say('toResults')}</a>
          </div>
        </div>
        {state === null || first === undefined || races.length > 1 ? null : (
          <RaceTime event={state.event} race={first} now={now} skewMs={source.skewMs} />
        )}
      </header>
      <FreshnessNotice {...freshness} onRetry={source.refresh} />
      {rows === null ? <Loading label={say('loading')} lines={6} /> : null}
      {rows?.length === 0 ? (
        <div class="card">
          <Empty title={say('announcerNone')}>{say('announcerNoneWhy')}</Empty>
        </div>
      ) : null}
      {rows === null || rows.length === 0 ? null : (
        <ol class="plain announced-list card" aria-label={say('announcer')}>
          {rows.map((row) => (
            <Line
              key={`${row.raceId} ${row.bib} ${row.at}`}
              row={row}
              race={races.find((it) => it.raceId === row.raceId)}
              timezone={state?.event.timezone ?? 'UTC'}
              isNew={relayNow - row.at < NEW_MS}
            />
          ))}
        </ol>
      )}
    </div>
  );
};
