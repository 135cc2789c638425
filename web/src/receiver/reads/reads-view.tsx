import type { Setup } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { Empty, Loading, Notice } from '../../ui/notice.tsx';
import { type GridColumn, RowGrid } from '../../ui/row-grid.tsx';
import { clockText, countText, NO_TIME, plural } from '../../ui/time-text.ts';
import { bytesAt, numberAt, type Row, textAt } from '../cell-values.ts';
import type { DeskProps } from '../desk.ts';
import { lineText, readerClock } from '../read-text.ts';
import { streamName } from '../stream-name.ts';
import { ReadsFilter } from './reads-filter.tsx';
import { createReadsStore, type ReadsStore } from './reads-store.ts';

const COLUMNS: readonly GridColumn[] = [
  { key: 'time', title: 'Reader time', flex: '0 0 6.25rem' },
  { key: 'bib', title: 'Bib', flex: '0 0 3.25rem', isNumber: true },
  { key: 'name', title: 'Runner', flex: '3 1 6rem' },
  { key: 'chip', title: 'Chip', flex: '0 0 7rem', class: 'col-roomy' },
  { key: 'stream', title: 'Stream', flex: '2 1 5rem', class: 'col-roomy' },
  { key: 'seq', title: 'Epoch/no.', flex: '0 0 5.5rem', isNumber: true, class: 'col-roomy' },
  { key: 'kind', title: 'Kind', flex: '0 0 4rem', class: 'col-wide' },
  { key: 'received', title: 'Received', flex: '0 0 5rem', isNumber: true, class: 'col-wide' },
];

/** A phone has no column for the chip: it stands where the name would. */
const whose = (chip: ComponentChildren, bib: string, name: string, hasChip: boolean): ComponentChildren => {
  if (name !== '' || bib !== '') return name;
  return (
    <>
      <span class="muted col-roomy">{hasChip ? 'unknown' : 'no chip'}</span>
      <span class="cell-more">{chip}</span>
    </>
  );
};

const cellsOf = (row: Row, setup: Setup): readonly ComponentChildren[] => {
  const [chip, bib] = [textAt(row, 6), textAt(row, 9)];
  const chipText = <span class={chip === '' ? 'mono muted' : 'mono'}>{chip || lineText(bytesAt(row, 8))}</span>;
  return [
    <span class="mono">{readerClock(textAt(row, 4)) || NO_TIME}</span>,
    bib,
    whose(chipText, bib, textAt(row, 10), chip !== ''),
    chipText,
    streamName(setup, textAt(row, 1)),
    `${numberAt(row, 2)}/${countText(numberAt(row, 3) ?? 0)}`,
    textAt(row, 7),
    clockText(numberAt(row, 5) ?? 0),
  ];
};

const Fresh = (props: { readonly store: ReadsStore; readonly onNewest: () => void }): JSX.Element | null => {
  const { fresh } = props.store.view.value;
  return fresh === 0 ? null : (
    <button type="button" class="button button-small button-primary" onClick={props.onNewest}>
      {plural(fresh, 'new read')} ↑
    </button>
  );
};

const Counted = ({ store }: { readonly store: ReadsStore }): JSX.Element => {
  const { count, fresh, isCounting } = store.view.value;
  return (
    <span class="small muted" role="status">
      {plural(count + fresh, 'read')}
      {isCounting ? ', counting…' : ''}
    </span>
  );
};

const List = (props: DeskProps & { readonly store: ReadsStore; readonly asked: number }): JSX.Element => {
  const { store, desk } = props;
  const { count, isCounting, problem } = store.view.value;
  const setup = desk.setup.setup.value;
  const onView = useCallback(
    (first: number, last: number, isAtTop: boolean) => {
      store.follow(isAtTop);
      store.look(first, last);
    },
    [store],
  );
  if (problem !== null && count === 0) {
    return <Notice tone="warn" title="The reads cannot be shown just now">{`${problem}. It is tried again.`}</Notice>;
  }
  if (count === 0) {
    return isCounting ? (
      <Loading label="Loading the reads" />
    ) : (
      <Empty title="No such reads">None that this receiver holds fits what is chosen above.</Empty>
    );
  }
  return (
    <RowGrid
      label="Reads, newest first"
      columns={COLUMNS}
      count={count}
      version={props.asked}
      wrapsOnPhone
      onView={onView}
      cells={(index) => {
        const row = store.rowAt(index);
        return row === null ? null : cellsOf(row, setup);
      }}
    />
  );
};

/** Every read that is held, however many, as they come. */
export const ReadsView = (props: DeskProps): JSX.Element => {
  const { desk, tools } = props;
  const { stream, who } = tools.address.place.value;
  const store = useMemo(
    () => createReadsStore({ replica: desk.database, timers: tools.timers }, { stream, who: who.trim() }),
    [desk, tools, stream, who],
  );
  const asked = useSignal(0);
  useEffect(() => store.stop, [store]);
  return (
    <section class="card" aria-labelledby="reads-title">
      <div class="card-head">
        <h2 id="reads-title">Reads</h2>
        <div class="row">
          <Fresh
            store={store}
            onNewest={() => {
              store.follow(true);
              asked.value++;
            }}
          />
          <Counted store={store} />
        </div>
      </div>
      <ReadsFilter {...props} />
      <List {...props} store={store} asked={asked.value} />
    </section>
  );
};
