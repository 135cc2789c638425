import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Announcer } from '../../platform/announcer-store.ts';
import { Empty, Loading } from '../../ui/notice.tsx';
import { plural } from '../../ui/time-text.ts';
import { ConflictCard } from './conflict-card.tsx';
import { conflictWords } from './conflict-words.ts';
import {
  authorsIn,
  filterRows,
  type HistoryFilter,
  type HistoryRow,
  historyRows,
  NO_FILTER,
} from './history-filter.ts';
import { HistoryEntry, HistoryFilters } from './history-list.tsx';
import type { OpenConflict, ReviewStore } from './review-store.ts';

interface ViewProps {
  readonly store: ReviewStore;
  readonly announcer: Announcer;
  readonly timezone: string;
}

/** More are looked at one after the other, not at once. */
const MAX_CONFLICTS = 50;

const Conflicts = ({ store, announcer, timezone }: ViewProps): JSX.Element | null => {
  const open = store.conflicts.value;
  const names = store.names.value;
  const choose = (it: OpenConflict, choice: 'kept' | 'other'): void => {
    const words = conflictWords(it.conflict, names);
    const chosen = words[choice].value;
    if (store.choose(it, choice)) announcer.say(`${words.title}: ${chosen} stands. Undo takes the choice back.`);
    else announcer.fail(`${words.title} was decided or changed meanwhile.`);
    document.getElementById('conflicts-title')?.focus();
  };
  return (
    <section class="card" aria-labelledby="conflicts-title">
      <div class="card-head">
        <h2 id="conflicts-title" tabIndex={-1}>
          {open.length === 0 ? 'No conflicts' : plural(open.length, 'conflict')}
        </h2>
        <p class="small muted">
          {open.length === 0
            ? 'What several people change apart from each other and does not fit together is asked about here.'
            : 'Made apart from each other. One value stands on every device; say which one is right.'}
        </p>
      </div>
      {open.length === 0 ? null : (
        <ul class="plain conflicts">
          {open.slice(0, MAX_CONFLICTS).map((it) => (
            <ConflictCard
              key={`${it.edited.kind} ${it.conflict.id}`}
              open={it}
              names={names}
              timezone={timezone}
              onChoose={(choice) => choose(it, choice)}
            />
          ))}
        </ul>
      )}
      {open.length > MAX_CONFLICTS ? (
        <p class="card-body small muted">{`${open.length - MAX_CONFLICTS} more follow once these are decided.`}</p>
      ) : null}
    </section>
  );
};

const PAGE = 50;

const Entries = (
  props: ViewProps & { readonly rows: readonly HistoryRow[]; readonly filtered: boolean },
): JSX.Element => {
  const { store, announcer, rows } = props;
  const shown = useSignal(PAGE);
  const takeBack = (row: HistoryRow): void => {
    const taken = store.takeBack(row);
    if (taken === 0) return announcer.say('All of it has been changed since: it stays as it is.');
    const left = row.edit.changes.length - taken;
    announcer.say(
      left === 0
        ? 'Taken back, as an edit of yours.'
        : `Taken back; ${plural(left, 'entry', 'entries')} stayed as changed since.`,
    );
  };
  if (rows.length === 0) {
    return (
      <Empty title={props.filtered ? 'No edit is like that' : 'No edits yet'}>
        {props.filtered
          ? 'Change the filter above.'
          : 'Whatever anybody changes in races, streams and roster is told here.'}
      </Empty>
    );
  }
  return (
    <>
      <ol class="plain history">
        {rows.slice(0, shown.value).map((row) => (
          <HistoryEntry key={row.key} row={row} timezone={props.timezone} onTakeBack={() => takeBack(row)} />
        ))}
      </ol>
      {rows.length > shown.value ? (
        <div class="card-body">
          <button
            type="button"
            class="button"
            onClick={() => {
              shown.value += PAGE;
            }}
          >
            {`Show ${Math.min(PAGE, rows.length - shown.value)} more`}
          </button>
        </div>
      ) : null}
    </>
  );
};

/** Conflicts to decide, then who changed what, newest first. */
export const HistoryView = (props: ViewProps): JSX.Element => {
  const { store, timezone } = props;
  const filter = useSignal<HistoryFilter>(NO_FILTER);
  useEffect(() => store.watchHistory(), [store]);
  const edits = store.history.value;
  const names = store.names.value;
  const rows = useMemo(() => historyRows(edits ?? [], names), [edits, names]);
  const { by, kind, text } = filter.value;
  return (
    <div class="stack">
      <Conflicts {...props} />
      <section class="card" aria-labelledby="history-title">
        <div class="card-head">
          <h2 id="history-title">History</h2>
          <p class="small muted">{`Times by the clock of the device that was used, in ${timezone}.`}</p>
        </div>
        <div class="card-body">
          <HistoryFilters filter={filter} authors={authorsIn(rows)} />
        </div>
        {edits === null ? (
          <Loading label="Reading the history" />
        ) : (
          <Entries
            {...props}
            rows={filterRows(rows, filter.value)}
            filtered={by !== null || kind !== null || text.trim() !== ''}
          />
        )}
      </section>
    </div>
  );
};
