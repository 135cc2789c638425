import type { EventBody } from '@baton/schema/http';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { CopyField } from '../ui/copy-field.tsx';
import { dateText } from '../ui/time-text.ts';
import type { Commands } from './commands.ts';
import { STATUS_WORDS, STATUSES, type Transition, transitionsFrom } from './lifecycle.ts';

const Life = (props: { readonly event: EventBody }): JSX.Element => {
  const reached = STATUSES.indexOf(props.event.status);
  return (
    <ol class="plain life">
      {STATUSES.map((status, at) => (
        <li
          key={status}
          class={at < reached ? 'life-past' : at === reached ? 'life-now' : ''}
          aria-current={at === reached ? 'step' : undefined}
        >
          {STATUS_WORDS[status].word}
        </li>
      ))}
    </ol>
  );
};

/** The event itself: where it stands in its life, and its public address. */
export const EventView = (props: {
  readonly event: EventBody;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly origin: string;
  readonly copy: (text: string) => Promise<boolean>;
  readonly onChanged: () => void;
}): JSX.Element => {
  const { event, commands, announcer } = props;
  const asked = useSignal<Transition | null>(null);
  const busy = useSignal(false);
  const apply = async ({ to }: Transition): Promise<void> => {
    busy.value = true;
    const outcome = await commands.setStatus(event.eventId, to);
    busy.value = false;
    asked.value = null;
    props.onChanged();
    if (outcome.type === 'done') announcer.say(`${event.title} is now: ${STATUS_WORDS[to].word}.`);
    else announcer.fail(`The status was not changed: ${outcome.message}`);
  };
  return (
    <div class="stack">
      <section class="card">
        <div class="card-head">
          <h2>Status</h2>
        </div>
        <div class="card-body stack">
          <Life event={event} />
          <div class="row">
            {transitionsFrom(event.status).map((it) => (
              <button
                key={it.to}
                type="button"
                class={it.back ? 'button' : 'button button-primary'}
                onClick={() => {
                  asked.value = it;
                }}
              >
                {it.action}
              </button>
            ))}
            {event.status === 'official' ? <p class="muted">The results are official; the status is final.</p> : null}
          </div>
        </div>
      </section>
      <section class="card">
        <div class="card-head">
          <h2>For spectators</h2>
        </div>
        <div class="card-body stack">
          {event.status === 'draft' ? (
            <p class="muted">Nobody sees a draft. The page below works once the start list is published.</p>
          ) : null}
          <CopyField
            id="public-link"
            label="Public page"
            text={`${props.origin}/e/${event.eventId}`}
            copy={props.copy}
          />
          <div>
            <a href={`/e/${event.eventId}`}>Open the public page</a>
          </div>
        </div>
      </section>
      <section class="card card-body">
        <dl class="facts facts-wide">
          <div>
            <dt>Date</dt>
            <dd>{dateText(event.date)}</dd>
          </div>
          <div>
            <dt>Time zone</dt>
            <dd>{event.timezone}</dd>
          </div>
          <div>
            <dt>Place</dt>
            <dd>{event.location ?? '–'}</dd>
          </div>
          <div>
            <dt>Event id</dt>
            <dd class="mono">{event.eventId}</dd>
          </div>
        </dl>
      </section>
      {asked.value === null ? null : (
        <ConfirmDialog
          title={`${asked.value.action}?`}
          confirmLabel={asked.value.action}
          danger={asked.value.final}
          busy={busy.value}
          onConfirm={() => asked.value !== null && void apply(asked.value)}
          onCancel={() => {
            asked.value = null;
          }}
        >
          <p>{asked.value.meaning}</p>
        </ConfirmDialog>
      )}
    </div>
  );
};
