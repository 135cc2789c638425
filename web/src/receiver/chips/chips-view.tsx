import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { Field } from '../../ui/field.tsx';
import { Empty, Loading, Notice } from '../../ui/notice.tsx';
import { type GridColumn, RowGrid } from '../../ui/row-grid.tsx';
import { Segments } from '../../ui/segments.tsx';
import { clockText, countText, NO_TIME, plural } from '../../ui/time-text.ts';
import { FIRST_PLACE } from '../address-store.ts';
import { numberAt, type Row, textAt } from '../cell-values.ts';
import type { DeskProps } from '../desk.ts';
import { pageOf, useLiveRows } from '../live-rows.ts';
import { streamName } from '../stream-name.ts';
import { givenChips, MOST_CHIPS, unknownChips } from './chips-query.ts';

const SHOWN = [
  { value: 'unknown', label: 'Unknown' },
  { value: 'given', label: 'Given out' },
] as const;

const UNKNOWN_COLUMNS: readonly GridColumn[] = [
  { key: 'chip', title: 'Chip', flex: '2 1 6.5rem' },
  { key: 'reads', title: 'Reads', flex: '0 0 3.5rem', isNumber: true },
  { key: 'last', title: 'Last read', flex: '0 0 4.5rem', isNumber: true },
  { key: 'streams', title: 'Streams', flex: '3 1 6rem', class: 'col-roomy' },
];

const GIVEN_COLUMNS: readonly GridColumn[] = [
  { key: 'bib', title: 'Bib', flex: '0 0 3.5rem', isNumber: true },
  { key: 'name', title: 'Name', flex: '4 1 8rem' },
  { key: 'chip', title: 'Chip', flex: '0 0 7rem', class: 'col-roomy' },
  { key: 'race', title: 'Race', flex: '1 1 4rem', class: 'col-roomy' },
  { key: 'reads', title: 'Reads', flex: '0 0 3.5rem', isNumber: true },
  { key: 'last', title: 'Last read', flex: '0 0 5.5rem', isNumber: true, class: 'col-roomy' },
];

const timeText = (at: number | null): string => (at === null ? NO_TIME : clockText(at));

const unknownCells = (row: Row, { desk }: DeskProps): readonly ComponentChildren[] => [
  <span class="mono">{textAt(row, 0)}</span>,
  countText(numberAt(row, 1) ?? 0),
  timeText(numberAt(row, 2)),
  textAt(row, 3)
    .split(' ')
    .map((it) => streamName(desk.setup.setup.value, it))
    .join(', '),
];

/** A phone has no column for the chip: it stands above the name. */
const givenCells = (row: Row): readonly ComponentChildren[] => [
  textAt(row, 1),
  <>
    <span class="mono muted instead-of-roomy">
      {textAt(row, 0)}
      <br />
    </span>
    {textAt(row, 2)}
  </>,
  <span class="mono">{textAt(row, 0)}</span>,
  textAt(row, 3),
  countText(numberAt(row, 4) ?? 0),
  timeText(numberAt(row, 5)),
];

type Shown = (typeof SHOWN)[number]['value'];

const NONE: Readonly<Record<Shown, { readonly title: string; readonly text: string }>> = {
  unknown: { title: 'No unknown chips', text: 'Every chip that was read here belongs to somebody in the roster.' },
  given: { title: 'No chips in the roster', text: 'Operators give chips to people in the roster; they appear here.' },
};

const List = (props: DeskProps & { readonly shown: Shown; readonly text: string }): JSX.Element => {
  const { shown, text, desk, tools } = props;
  const rows = useLiveRows(desk.live, shown === 'unknown' ? unknownChips(text) : givenChips(text));
  const page = pageOf(rows);
  if (page === null) {
    return rows.type === 'failed' ? (
      <Notice tone="warn" title="The database did not answer">
        {rows.message}
      </Notice>
    ) : (
      <Loading label="Loading the chips" />
    );
  }
  if (page.rows.length === 0) {
    return text.trim() === '' ? (
      <Empty title={NONE[shown].title}>{NONE[shown].text}</Empty>
    ) : (
      <Empty title="No such chip">Nothing here fits what was typed.</Empty>
    );
  }
  return (
    <>
      <p class="small muted results-count" role="status">
        {page.truncated ? `The first ${countText(MOST_CHIPS)} chips` : plural(page.rows.length, 'chip')}. Enter or a
        click shows a chip’s reads.
      </p>
      <RowGrid
        label={shown === 'unknown' ? 'Chips that nobody has' : 'Chips and whose they are'}
        columns={shown === 'unknown' ? UNKNOWN_COLUMNS : GIVEN_COLUMNS}
        count={page.rows.length}
        version={text}
        wrapsOnPhone={shown === 'given'}
        cells={(index) => {
          const row = page.rows[index];
          if (row === undefined) return null;
          return shown === 'unknown' ? unknownCells(row, props) : givenCells(row);
        }}
        onOpen={(index) => tools.address.go({ ...FIRST_PLACE, view: 'reads', who: textAt(page.rows[index] ?? [], 0) })}
      />
    </>
  );
};

/** Chips that were read and belong to nobody, and who has which. */
export const ChipsView = (props: DeskProps): JSX.Element => {
  const shown = useSignal<Shown>('unknown');
  const text = useSignal('');
  return (
    <section class="card" aria-labelledby="chips-title">
      <div class="card-head">
        <h2 id="chips-title">Chips</h2>
        <Segments
          name="chips"
          legend="Which chips"
          hideLegend
          choices={SHOWN}
          value={shown.value}
          onChange={(value) => {
            shown.value = value;
          }}
        />
      </div>
      <div class="filters compact">
        <Field id="chips-search" label={shown.value === 'unknown' ? 'Chip' : 'Chip, bib or name'}>
          <input
            id="chips-search"
            type="search"
            autocomplete="off"
            spellcheck={false}
            maxLength={64}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </Field>
      </div>
      <List key={shown.value} {...props} shown={shown.value} text={text.value} />
    </section>
  );
};
