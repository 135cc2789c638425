import type { EventBody, MeBody } from '@baton/schema/http';
import type { JSX } from 'preact';
import type { Announcer } from '../platform/announcer-store.ts';
import { CopyField } from '../ui/copy-field.tsx';
import type { Commands } from './commands.ts';
import { DeleteEvent } from './delete-event.tsx';
import { EventDetails } from './event-details.tsx';
import { LifeCard } from './life-card.tsx';
import { commandBlock } from './relay-reach.ts';
import type { Workspace } from './workspace-store.ts';

/** The event itself: where it stands in its life, its public address, and what it is called. */
export const EventView = (props: {
  readonly event: EventBody;
  readonly workspace: Workspace;
  readonly role: MeBody['role'];
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly origin: string;
  readonly timezones: readonly string[];
  readonly copy: (text: string) => Promise<boolean>;
  readonly onChanged: () => void;
  readonly onDeleted: () => void;
}): JSX.Element => {
  const { event, workspace } = props;
  const streams = workspace.streams.streams.value;
  const setup = workspace.setup.setup.value;
  const blocked = commandBlock(streams);
  return (
    <div class="stack">
      <LifeCard {...props} setup={setup} streams={streams.value} blocked={blocked} />
      <section class="card" aria-labelledby="public-title">
        <div class="card-head">
          <h2 id="public-title">For spectators</h2>
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
      <EventDetails {...props} setup={setup} blocked={blocked} />
      {props.role === 'admin' ? <DeleteEvent {...props} blocked={blocked} /> : null}
    </div>
  );
};
