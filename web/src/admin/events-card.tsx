import { EventStatus, type RelayBody, type RelayEvent } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Empty } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { STATUS_WORDS } from '../ui/status-words.ts';
import { countText, dateText, plural } from '../ui/time-text.ts';
import { eventDiskWord, type Word } from './relay-words.ts';

/** A status of a later relay is shown as it is. */
const Status = ({ status }: { readonly status: string }): JSX.Element => {
  const known = EventStatus.safeParse(status);
  const { word, tone } = known.success ? STATUS_WORDS[known.data] : { word: status, tone: 'neutral' as const };
  return <Pill tone={tone}>{word}</Pill>;
};

const nodesText = ({ online, degraded, offline }: RelayEvent['nodes']): string => {
  const parts = [
    `${countText(online)} online`,
    ...(degraded > 0 ? [`${countText(degraded)} degraded`] : []),
    ...(offline > 0 ? [`${countText(offline)} offline`] : []),
  ];
  return online + degraded + offline === 0 ? 'none' : parts.join(', ');
};

const Line = ({ event, disk }: { readonly event: RelayEvent; readonly disk: Word }): JSX.Element => (
  <tr>
    <td>
      <a class="admin-event" href={`/operate?event=${encodeURIComponent(event.eventId)}`}>
        {event.title}
      </a>
      <span class="small muted cell-under">
        {dateText(event.date)}
        <span class="cell-more">
          {' '}
          · {plural(event.reads, 'read')}, {disk.text} · nodes: {nodesText(event.nodes)}
        </span>
      </span>
      {disk.under === null ? null : (
        <span class="small cell-under">
          <Pill tone={disk.tone}>{disk.under}</Pill>
        </span>
      )}
    </td>
    <td class="number col-roomy">{countText(event.streams)}</td>
    <td class="number col-roomy">{countText(event.reads)}</td>
    <td class="number col-roomy nowrap">{disk.text}</td>
    <td class="col-roomy nowrap">{nodesText(event.nodes)}</td>
    <td class="number">
      <Status status={event.status} />
    </td>
  </tr>
);

/** Every event of the relay, the newest first. */
export const EventsCard = ({
  relay: { events, eventCount, storage },
}: {
  readonly relay: Pick<RelayBody, 'events' | 'eventCount' | 'storage'>;
}): JSX.Element => (
  <section class="card" aria-labelledby="events-title">
    <div class="card-head">
      <h2 id="events-title">Events</h2>
      {events.length < eventCount ? (
        <span class="small muted">{`the newest ${countText(events.length)} of ${countText(eventCount)}`}</span>
      ) : null}
    </div>
    {events.length === 0 ? (
      <Empty title="No events yet" action={<a href="/operate">Make one on the operator page</a>} />
    ) : (
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col" class="number col-roomy">
                Streams
              </th>
              <th scope="col" class="number col-roomy">
                Reads
              </th>
              <th scope="col" class="number col-roomy">
                On disk
              </th>
              <th scope="col" class="col-roomy">
                Nodes
              </th>
              <th scope="col" class="number">
                Status
              </th>
            </tr>
          </thead>
          <tbody>
            {events.map((event) => (
              <Line key={event.eventId} event={event} disk={eventDiskWord(event, storage)} />
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
);
