import type { MeBody } from '@baton/schema/http';
import type { Clock } from '@baton/schema/ports';
import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Announcer } from '../platform/announcer-store.ts';
import { Empty, Loading, Notice } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { plural } from '../ui/time-text.ts';
import { AccessView } from './access-view.tsx';
import { type AddressStore, hrefOf, VIEWS, type View } from './address-store.ts';
import type { Commands } from './commands.ts';
import { DeviceLine, DeviceNotices } from './device-notices.tsx';
import type { DeviceStore } from './device-store.ts';
import { areKept } from './device-words.ts';
import { EventView } from './event-view.tsx';
import type { EventsStore } from './events-store.ts';
import { STATUS_WORDS } from './lifecycle.ts';
import { NodesView } from './nodes-view.tsx';
import { RacesView } from './races-view.tsx';
import { StreamsView } from './streams-view.tsx';
import { PresenceContext } from './together/edited-place.tsx';
import { HistoryView } from './together/history-view.tsx';
import { UndoButtons } from './together/undo-buttons.tsx';
import { WhoIsHere } from './together/who-is-here.tsx';
import type { Workspace } from './workspace-store.ts';

const VIEW_WORDS: Readonly<Record<View, string>> = {
  streams: 'Streams',
  races: 'Races',
  nodes: 'Nodes',
  access: 'Access',
  history: 'History',
  event: 'Event',
};

/** What the views need besides the open event. */
export interface OperatorParts {
  readonly address: AddressStore;
  readonly events: EventsStore;
  readonly commands: Commands;
  readonly announcer: Announcer;
  readonly now: ReadonlySignal<number>;
  readonly clock: Clock;
  readonly origin: string;
  /** The device's own time zone, proposed for new events. */
  readonly timezone: string;
  /** IANA names that the device knows. */
  readonly timezones: readonly string[];
  readonly copy: (text: string) => Promise<boolean>;
  readonly device: DeviceStore;
}

interface FrameProps {
  readonly workspace: Workspace;
  readonly parts: OperatorParts;
  readonly role: MeBody['role'];
}

const ConflictBadge = (props: { readonly count: number }): JSX.Element | null =>
  props.count === 0 ? null : (
    <span class="tab-badge">
      {props.count}
      <span class="visually-hidden"> open {props.count === 1 ? 'conflict' : 'conflicts'}</span>
    </span>
  );

const viewWords = (view: string): string => VIEW_WORDS[VIEWS.find((it) => it === view) ?? 'event'];

const Tabs = (props: { readonly workspace: Workspace; readonly address: AddressStore }): JSX.Element => {
  const { workspace, address } = props;
  const tabs = useRef<HTMLElement>(null);
  const current = address.place.value.view;
  // on a phone the row of tabs is wider than the page
  useEffect(() => {
    const tab = tabs.current?.querySelector(`[href="${hrefOf({ eventId: workspace.eventId, view: current })}"]`);
    tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current, workspace.eventId]);
  return (
    <nav ref={tabs} class="tabs" aria-label="Parts of the event">
      {VIEWS.map((view) => (
        <a
          key={view}
          class="tab"
          href={hrefOf({ eventId: workspace.eventId, view })}
          aria-current={current === view ? 'page' : undefined}
          onClick={(click) => {
            if (click.ctrlKey || click.metaKey || click.shiftKey) return;
            click.preventDefault();
            address.go({ eventId: workspace.eventId, view });
          }}
        >
          {VIEW_WORDS[view]}
          {view === 'history' ? <ConflictBadge count={workspace.review.conflicts.value.length} /> : null}
        </a>
      ))}
    </nav>
  );
};

const Part = (props: FrameProps): ComponentChildren => {
  const { workspace, parts } = props;
  const event = parts.events.events.value.value?.find((it) => it.eventId === workspace.eventId) ?? null;
  const timezone = event?.timezone ?? parts.timezone;
  const now = parts.now.value;
  switch (parts.address.place.value.view) {
    case 'streams':
      return (
        <StreamsView
          workspace={workspace}
          commands={parts.commands}
          announcer={parts.announcer}
          timezone={timezone}
          now={now}
          onAccess={() => parts.address.go({ eventId: workspace.eventId, view: 'access' })}
        />
      );
    case 'races':
      return <RacesView {...parts} workspace={workspace} event={event} timezone={timezone} />;
    case 'nodes':
      return <NodesView {...parts} workspace={workspace} event={event} now={now} timezone={timezone} />;
    case 'access':
      return <AccessView {...parts} workspace={workspace} timezone={timezone} />;
    case 'history':
      return <HistoryView store={workspace.review} announcer={parts.announcer} timezone={timezone} />;
    case 'event':
      return event === null ? (
        <div class="card">
          <Loading label="Loading the event" />
        </div>
      ) : (
        <EventView
          {...parts}
          event={event}
          workspace={workspace}
          role={props.role}
          onChanged={parts.events.refresh}
          onDeleted={() => {
            parts.events.refresh();
            parts.address.go({ eventId: null, view: 'streams' });
          }}
        />
      );
  }
};

const DocNotices = (props: { readonly workspace: Workspace }): JSX.Element | null => {
  const { link, problems } = props.workspace.setup;
  if (link.value.type === 'refused') {
    return (
      <Notice tone="bad" title="The relay does not take edits from this page">
        {link.value.reason}
        {link.value.unsaved && areKept(link.value.keeping) ? ' Your edits stay on this device.' : null}
      </Notice>
    );
  }
  if (problems.value.length === 0) return null;
  const [first] = problems.value;
  return (
    <Notice tone="warn" title="Some entries of the setup cannot be read">
      They are left out, not deleted. The first is {first?.root}/{first?.key}: {first?.message}.
    </Notice>
  );
};

/** On every view until somebody has decided: what is shown below may be the wrong one of two values. */
const ConflictNotice = (props: FrameProps): JSX.Element | null => {
  const { workspace, parts } = props;
  const count = workspace.review.conflicts.value.length;
  if (count === 0 || parts.address.place.value.view === 'history') return null;
  return (
    <Notice
      tone="warn"
      title={`${plural(count, 'conflict')} to decide`}
      action={
        <button
          type="button"
          class="button button-small"
          onClick={() => parts.address.go({ eventId: workspace.eventId, view: 'history' })}
        >
          Review
        </button>
      }
    >
      Changes that were made apart from each other do not fit together.
    </Notice>
  );
};

/** Who else is here, and one's own steps. */
const Tools = (props: FrameProps): JSX.Element => {
  const { presence, review, undo } = props.workspace;
  return (
    <div class="event-tools">
      <WhoIsHere people={presence.people.value} names={review.names.value} viewWords={viewWords} />
      <UndoButtons store={undo} names={review.names} announcer={props.parts.announcer} />
    </div>
  );
};

/** One event: its title, its parts as tabs, and the chosen part. */
export const EventFrame = (props: FrameProps): JSX.Element => {
  const { workspace, parts } = props;
  const { value: events } = parts.events.events.value;
  const event = events?.find((it) => it.eventId === workspace.eventId);
  if (events !== null && event === undefined) {
    return (
      <div class="card">
        <Empty title="There is no such event">It may have been deleted. Choose another one from the list.</Empty>
      </div>
    );
  }
  return (
    <div class="stack">
      <div class="row">
        <h1>{event?.title ?? 'Loading…'}</h1>
        {event === undefined ? null : (
          <Pill tone={STATUS_WORDS[event.status].tone}>{STATUS_WORDS[event.status].word}</Pill>
        )}
        <Tools {...props} />
      </div>
      <Tabs workspace={workspace} address={parts.address} />
      <ConflictNotice {...props} />
      <DocNotices workspace={workspace} />
      <DeviceNotices link={workspace.setup.link.value} />
      <PresenceContext.Provider value={workspace.presence}>
        <Part {...props} />
      </PresenceContext.Provider>
      <DeviceLine link={workspace.setup.link.value} standing={parts.device.standing.value} />
    </div>
  );
};
