import type { EventBody, MeBody } from '@baton/schema/http';
import type { Clock } from '@baton/schema/ports';
import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Announcer } from '../platform/announcer-store.ts';
import type { Files } from '../platform/files.ts';
import type { Live } from '../platform/live.ts';
import type { ShareLink } from '../platform/share-link.ts';
import { Empty, Loading, Notice } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { ProblemNotice } from '../ui/problem-notice.tsx';
import { STATUS_WORDS } from '../ui/status-words.ts';
import { agoText } from '../ui/time-text.ts';
import { AccessView } from './access-view.tsx';
import { type AddressStore, hrefOf, type Place, VIEWS, type View } from './address-store.ts';
import type { Commands } from './commands.ts';
import { DeviceLine, DeviceNotices } from './device-notices.tsx';
import type { DeviceStore } from './device-store.ts';
import { areKept } from './device-words.ts';
import { EventView } from './event-view.tsx';
import type { EventsStore } from './events-store.ts';
import { NodesView } from './nodes-view.tsx';
import { RacesView } from './races-view.tsx';
import { RosterView } from './roster/roster-view.tsx';
import { StreamsView } from './streams-view.tsx';
import { PresenceContext } from './together/edited-place.tsx';
import { ConflictBadge, ConflictNotice, EventTools } from './together/event-tools.tsx';
import { HistoryView } from './together/history-view.tsx';
import { AlarmBadge, AlarmNotice } from './watch/alarm-notice.tsx';
import { AlarmsView } from './watch/alarms-view.tsx';
import type { Workspace } from './workspace-store.ts';

const VIEW_WORDS: Readonly<Record<View, string>> = {
  streams: 'Streams',
  races: 'Races',
  roster: 'Roster',
  nodes: 'Nodes',
  alarms: 'Alarms',
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
  readonly files: Files;
  /** Null where this browser cannot. */
  readonly share: ShareLink | null;
  readonly print: () => void;
  /** Whose token this page uses. */
  readonly me: () => MeBody | null;
}

interface FrameProps {
  readonly workspace: Workspace;
  readonly parts: OperatorParts;
  readonly role: MeBody['role'];
}

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
          {view === 'alarms' ? <AlarmBadge setup={workspace.setup} /> : null}
        </a>
      ))}
    </nav>
  );
};

const AllEvents = (props: { readonly address: AddressStore }): JSX.Element => {
  const place: Place = { eventId: null, view: 'streams' };
  return (
    <nav class="small" aria-label="Other events">
      <a
        href={hrefOf(place)}
        onClick={(click) => {
          if (click.ctrlKey || click.metaKey || click.shiftKey) return;
          click.preventDefault();
          props.address.go(place);
        }}
      >
        ← All events
      </a>
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
    case 'roster':
      return (
        <RosterView
          workspace={workspace}
          announcer={parts.announcer}
          files={parts.files}
          date={event?.date ?? null}
          timezone={timezone}
        />
      );
    case 'nodes':
      return <NodesView {...parts} workspace={workspace} event={event} now={now} timezone={timezone} />;
    case 'alarms':
      return <AlarmsView {...parts} setup={workspace.setup} now={now} timezone={timezone} />;
    case 'access':
      return <AccessView {...parts} workspace={workspace} timezone={timezone} nowMs={now} />;
    case 'history':
      return <HistoryView store={workspace.review} announcer={parts.announcer} timezone={timezone} />;
    case 'event':
      return <EventPart {...props} event={event} />;
  }
};

/** The event's life is the relay's to change; what was known of it stays on show. */
const EventPart = (props: FrameProps & { readonly event: EventBody | null }): JSX.Element => {
  const { event, parts } = props;
  const live = parts.events.events.value;
  return (
    <div class="stack">
      <ProblemNotice what="The event" live={live} />
      {event === null ? null : (
        <EventView
          {...parts}
          event={event}
          workspace={props.workspace}
          role={props.role}
          onChanged={parts.events.refresh}
          onDeleted={() => {
            parts.events.refresh();
            parts.address.go({ eventId: null, view: 'streams' });
          }}
        />
      )}
      {event === null && live.problem === null ? (
        <div class="card">
          <Loading label="Loading the event" />
        </div>
      ) : null}
    </div>
  );
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

/** Older than three answers in a row: remembered from another time, or no answer comes. */
const UNCONFIRMED_MS = 15_000;

/** The event's name and status, with their age while the relay does not confirm them. */
const Heading = (props: {
  readonly events: Live<readonly EventBody[]>;
  readonly event: EventBody | undefined;
  readonly now: number;
}): JSX.Element => {
  const { events, event, now } = props;
  const unsure = events.problem !== null || now - (events.confirmedAt ?? now) > UNCONFIRMED_MS;
  if (event === undefined) return <h1>{unsure ? 'Waiting for the relay' : 'Loading…'}</h1>;
  const { tone, word } = STATUS_WORDS[event.status];
  return (
    <div class="row">
      <h1>{event.title}</h1>
      <Pill tone={tone} hollow={unsure}>
        {word}
      </Pill>
      {unsure ? (
        <span class="small muted" role="status">
          as of {agoText(events.confirmedAt, now)}:{' '}
          {events.problem === null ? 'asking the relay…' : 'the relay does not answer'}
        </span>
      ) : null}
    </div>
  );
};

/** One event: its title, its parts as tabs, and the chosen part. */
export const EventFrame = (props: FrameProps): JSX.Element => {
  const { workspace, parts } = props;
  const live = parts.events.events.value;
  const event = live.value?.find((it) => it.eventId === workspace.eventId);
  if (live.value !== null && live.problem === null && event === undefined) {
    return (
      <div class="card">
        <Empty title="There is no such event">It may have been deleted. Choose another one from the list.</Empty>
      </div>
    );
  }
  return (
    <div class="stack">
      {props.role === 'admin' ? <AllEvents address={parts.address} /> : null}
      <div class="row">
        <Heading events={live} event={event} now={parts.now.value} />
        <EventTools workspace={workspace} announcer={parts.announcer} viewWords={viewWords} />
      </div>
      <Tabs workspace={workspace} address={parts.address} />
      <AlarmNotice workspace={workspace} address={parts.address} />
      <ConflictNotice workspace={workspace} address={parts.address} />
      <DocNotices workspace={workspace} />
      <DeviceNotices link={workspace.link.value} />
      <PresenceContext.Provider value={workspace.presence}>
        <Part {...props} />
      </PresenceContext.Provider>
      <DeviceLine link={workspace.link.value} standing={parts.device.standing.value} />
    </div>
  );
};
