import type { ParticipantId } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Announcer } from '../../platform/announcer-store.ts';
import type { Files } from '../../platform/files.ts';
import { Empty, Loading } from '../../ui/notice.tsx';
import { countText, plural } from '../../ui/time-text.ts';
import type { Workspace } from '../workspace-store.ts';
import { BatchBar } from './batch-bar.tsx';
import { BulkDialog } from './bulk-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import type { ParticipantValues } from './participant-draft.ts';
import { ParticipantPanel } from './participant-panel.tsx';
import { rosterCsv } from './roster-csv.ts';
import { EVERYBODY, type FilterContext, filterRows, type RosterFilter } from './roster-filter.ts';
import { RosterGrid } from './roster-grid.tsx';
import { RosterNotices } from './roster-notices.tsx';
import type { RosterRow } from './roster-row.ts';
import { RosterFilters } from './roster-toolbar.tsx';

type Open =
  | { readonly type: 'participant'; readonly who: ParticipantId | 'new' }
  | { readonly type: 'import' | 'bulk' };

interface ViewProps {
  readonly workspace: Workspace;
  readonly announcer: Announcer;
  readonly files: Files;
  /** Of the event; null while it is unknown. */
  readonly date: string | null;
  readonly timezone: string;
}

/** Whether a key was meant for the page and not for a field or a dialog. */
const isForPage = (event: KeyboardEvent): boolean =>
  !(event.ctrlKey || event.metaKey || event.altKey) &&
  !(event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null);

const useSearchKey = () => {
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || !isForPage(event)) return;
      event.preventDefault();
      search.current?.select();
      search.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return search;
};

const Actions = (props: {
  readonly isBusy: boolean;
  readonly isEmpty: boolean;
  readonly onOpen: (open: Open) => void;
  readonly onExport: () => void;
}): JSX.Element => (
  <div class="row">
    <button
      type="button"
      class="button button-primary"
      onClick={() => props.onOpen({ type: 'participant', who: 'new' })}
    >
      Add participant
    </button>
    <button type="button" class="button" disabled={props.isBusy} onClick={() => props.onOpen({ type: 'import' })}>
      Import…
    </button>
    <button type="button" class="button" disabled={props.isEmpty} onClick={props.onExport}>
      Export CSV
    </button>
  </div>
);

const Counted = (props: {
  readonly shown: number;
  readonly all: number;
  readonly isBusy: boolean;
  readonly onBulk: () => void;
}): JSX.Element => (
  <div class="row row-between roster-counted">
    <span role="status">
      {props.shown === props.all
        ? plural(props.all, 'participant')
        : `${countText(props.shown)} of ${plural(props.all, 'participant')}`}
    </span>
    <button
      type="button"
      class="button button-quiet button-small"
      disabled={props.isBusy || props.shown === 0}
      onClick={props.onBulk}
    >
      Change all shown…
    </button>
  </div>
);

const Listed = (props: {
  readonly isReady: boolean;
  readonly isEmpty: boolean;
  readonly rows: readonly RosterRow[];
  readonly context: FilterContext;
  readonly onOpen: (row: RosterRow) => void;
}): JSX.Element => {
  if (!props.isReady && props.isEmpty) return <Loading label="Loading the roster" lines={8} />;
  if (props.isEmpty) return <Empty title="Nobody yet">Add the first participant, or import a list.</Empty>;
  if (props.rows.length === 0) return <Empty title="Nobody fits">Search for something else, or show everybody.</Empty>;
  return <RosterGrid rows={props.rows} context={props.context} onOpen={props.onOpen} />;
};

/** Where a list most likely goes: the race that is looked at, else the only one. */
const raceForImport = ({ race }: RosterFilter, races: FilterContext['races']): RaceId | null => {
  if (race !== 'any' && race !== 'none') return race;
  const [only] = races.keys();
  return races.size === 1 && only !== undefined ? only : null;
};

const raceOf = ({ race }: RosterFilter): Partial<ParticipantValues> =>
  race === 'any' || race === 'none' ? {} : { raceId: race };

/** Everybody who takes part: searched, changed, imported, and what officials decided about them. */
export const RosterView = (props: ViewProps): JSX.Element => {
  const { workspace, announcer, timezone } = props;
  const { roster: store, setup, imports } = workspace;
  const filter = useSignal<RosterFilter>(EVERYBODY);
  const open = useSignal<Open | null>(null);
  const search = useSearchKey();
  const date = useSignal(props.date);
  date.value = props.date;
  const context = useComputed<FilterContext>(() => ({
    races: setup.setup.value.races,
    twins: store.twins.value,
    date: date.value,
  }));
  const shown = useComputed(() => filterRows(store.rows.value, filter.value, context.value));
  const all = store.rows.value.length;
  const batch = store.batches.current.value?.state;
  const isBusy = batch === 'running' || batch === 'undoing';
  const close = (): void => {
    open.value = null;
  };
  const opened = open.value;
  return (
    <div class="stack">
      <Actions
        isBusy={isBusy}
        isEmpty={all === 0}
        onOpen={(next) => {
          if (next.type === 'import') imports.reset(raceForImport(filter.value, context.value.races));
          open.value = next;
        }}
        onExport={() =>
          props.files.save('roster.csv', 'text/csv;charset=utf-8', rosterCsv(store.rows.value, context.value.races))
        }
      />
      <RosterNotices store={store} />
      {opened?.type === 'import' ? null : <BatchBar batches={store.batches} />}
      <section class="card" aria-label="Roster">
        <div class="card-body roster-controls">
          <RosterFilters
            races={context.value.races}
            counts={store.counts.value}
            filter={filter.value}
            search={search}
            onChange={(next) => {
              filter.value = next;
            }}
            onLeave={() => document.querySelector<HTMLElement>('.roster-scroller [tabindex="0"]')?.focus()}
          />
          <Counted
            shown={shown.value.length}
            all={all}
            isBusy={isBusy}
            onBulk={() => {
              open.value = { type: 'bulk' };
            }}
          />
        </div>
        <Listed
          isReady={store.ready.value}
          isEmpty={all === 0}
          rows={shown.value}
          context={context.value}
          onOpen={(row) => {
            open.value = { type: 'participant', who: row.participant.participantId };
          }}
        />
      </section>
      {opened?.type === 'participant' ? (
        <ParticipantPanel
          store={store}
          context={context.value}
          announcer={announcer}
          timezone={timezone}
          who={opened.who}
          start={raceOf(filter.value)}
          onWho={(who) => {
            open.value = { type: 'participant', who };
          }}
          onClose={close}
        />
      ) : null}
      {opened?.type === 'import' ? (
        <ImportDialog imports={imports} roster={store} races={context.value.races} onClose={close} />
      ) : null}
      {opened?.type === 'bulk' ? (
        <BulkDialog store={store} rows={shown.value} context={context.value} onClose={close} />
      ) : null}
    </div>
  );
};
