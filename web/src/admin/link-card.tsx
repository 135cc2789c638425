import type { LinkBody, LinkedEvent, RelayEvent } from '@baton/schema/http';
import type { JSX } from 'preact';
import { Notice } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { sizeText } from '../ui/size-text.ts';
import { agoText, dayAndClockText, plural } from '../ui/time-text.ts';
import { Fact } from './fact.tsx';
import {
  failureText,
  failureTitle,
  failureTone,
  hasNoEvent,
  lackingText,
  linkMark,
  NO_EVENT_TEXT,
  stateMark,
} from './link-words.ts';

const Line = ({ event, title }: { readonly event: LinkedEvent; readonly title: string }): JSX.Element => {
  const { tone, text } = stateMark(event.state);
  const [there, here] = [lackingText(event, 'upstream'), lackingText(event, 'venue')];
  return (
    <tr>
      <td>
        <span class="admin-event">{title}</span>
        <span class="small muted cell-under">
          since {dayAndClockText(event.since)}
          {event.cause === null ? null : `: ${event.cause}`}
          <span class="cell-more">
            {' '}
            · lacking there: {there} · here: {here}
          </span>
        </span>
        <span class="cell-more">
          <span class="cell-under">
            <Pill tone={tone}>{text}</Pill>
          </span>
        </span>
        {event.conflicts === 0 ? null : (
          <span class="cell-under">
            <Pill tone="bad">{plural(event.conflicts, 'epoch')} with other reads there</Pill>
          </span>
        )}
      </td>
      <td class="col-roomy">{there}</td>
      <td class="col-roomy">{here}</td>
      <td class="number col-roomy">
        <Pill tone={tone}>{text}</Pill>
      </td>
    </tr>
  );
};

/** How this relay, at the venue, keeps in step with the one elsewhere. */
export const LinkCard = (props: {
  readonly link: LinkBody;
  readonly titles: readonly Pick<RelayEvent, 'eventId' | 'title'>[];
  readonly now: number;
  /** An answer that is not new says nothing about now. */
  readonly isCurrent: boolean;
}): JSX.Element => {
  const { link, titles, now, isCurrent } = props;
  const mark = linkMark(link, isCurrent);
  const titleOf = ({ eventId }: LinkedEvent): string => titles.find((it) => it.eventId === eventId)?.title ?? eventId;
  return (
    <section class="card" aria-labelledby="link-title">
      <div class="card-head">
        <h2 id="link-title">Relay elsewhere</h2>
        <Pill tone={mark.tone}>{mark.text}</Pill>
      </div>
      <div class="card-body stack">
        {link.failure === null ? null : (
          <Notice tone={failureTone(link.failure)} title={failureTitle(link.failure)}>
            {failureText(link.failure)}
          </Notice>
        )}
        {hasNoEvent(link) ? <p class="muted">{NO_EVENT_TEXT}</p> : null}
        <dl class="facts admin-facts link-facts">
          <Fact name="Address">{link.upstream}</Fact>
          <Fact name="Last heard">{link.heardAt === null ? 'never' : agoText(link.heardAt, now)}</Fact>
          <Fact name="Sent">{sizeText(link.sentBytes)}</Fact>
          <Fact name="Received">{sizeText(link.receivedBytes)}</Fact>
        </dl>
      </div>
      {link.events.length === 0 ? null : (
        <div class="table-wrap">
          <table>
            <thead>
              <tr>
                <th scope="col">Event</th>
                <th scope="col" class="col-roomy">
                  Lacking there
                </th>
                <th scope="col" class="col-roomy">
                  Lacking here
                </th>
                <th scope="col" class="number col-roomy">
                  State
                </th>
              </tr>
            </thead>
            <tbody>
              {link.events.map((event) => (
                <Line key={event.eventId} event={event} title={titleOf(event)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
};
