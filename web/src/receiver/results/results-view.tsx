import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { Field } from '../../ui/field.tsx';
import { Empty, Loading, Notice } from '../../ui/notice.tsx';
import { Pill } from '../../ui/pill.tsx';
import { type GridColumn, RowGrid } from '../../ui/row-grid.tsx';
import { Segments } from '../../ui/segments.tsx';
import { countText, gapText, plural, raceTimeText } from '../../ui/time-text.ts';
import { numberAt, type Row, textAt } from '../cell-values.ts';
import type { DeskProps } from '../desk.ts';
import { pageOf, type Rows, useLiveRows } from '../live-rows.ts';
import { ResultPanel } from './result-panel.tsx';
import {
  categoriesOf,
  MOST_RESULTS,
  onCourseOf,
  RACES,
  RESULT,
  type ResultsFilter,
  resultsOf,
} from './results-query.ts';
import { lagText, mainTimeOf, STATUS_TITLES } from './results-words.ts';

const SHOWN = [
  { value: 'results', label: 'Results' },
  { value: 'course', label: 'On course' },
] as const;

/** Without a single net time the gun's stands in its place. */
const resultColumns = (hasNet: boolean): readonly GridColumn[] => [
  { key: 'place', title: 'Place', flex: '0 1 3rem', isNumber: true },
  { key: 'bib', title: 'Bib', flex: '0 1 3rem', isNumber: true },
  { key: 'name', title: 'Name', flex: '3 1 6rem' },
  { key: 'club', title: 'Club', flex: '2 1 5rem', class: 'col-wide' },
  { key: 'category', title: 'Category', flex: '1 1 5rem', class: 'col-roomy' },
  { key: 'main', title: hasNet ? 'Net' : 'Gun', flex: '0 0 4.75rem', isNumber: true },
  ...(hasNet ? [{ key: 'gun', title: 'Gun', flex: '0 0 4.75rem', isNumber: true, class: 'col-roomy' }] : []),
  { key: 'behind', title: 'Behind', flex: '0 0 5.75rem', isNumber: true, class: 'col-wide' },
];

const COURSE_COLUMNS: readonly GridColumn[] = [
  { key: 'bib', title: 'Bib', flex: '0 0 3rem', isNumber: true },
  { key: 'name', title: 'Name', flex: '3 1 6rem' },
  { key: 'last', title: 'Last seen at', flex: '2 1 5rem', class: 'col-roomy' },
  { key: 'time', title: 'Time there', flex: '0 0 5.5rem', isNumber: true },
  { key: 'next', title: 'Next', flex: '1 1 4rem', class: 'col-roomy' },
];

/** On a phone there is one column of times: a runner without a net time has the gun's there, marked as such. */
const mainTime = (row: Row, hasNet: boolean): ComponentChildren => {
  const time = mainTimeOf(
    { status: textAt(row, RESULT.status), chipMs: numberAt(row, RESULT.chipMs), gunMs: numberAt(row, RESULT.gunMs) },
    hasNet,
  );
  switch (time.type) {
    case 'status':
      return <abbr title={STATUS_TITLES[time.status] ?? time.status}>{time.status}</abbr>;
    case 'time':
      return raceTimeText(time.ms);
    case 'gun-only':
      return (
        <>
          <span class="col-roomy">{raceTimeText(null)}</span>
          <span class="instead-of-roomy">
            <abbr title="Gun time: no net time is known">G</abbr> {raceTimeText(time.ms)}
          </span>
        </>
      );
  }
};

const resultCells = (row: Row, hasNet: boolean): readonly ComponentChildren[] => {
  const [place, behindMs] = [numberAt(row, RESULT.place), numberAt(row, RESULT.behindMs)];
  return [
    place === null ? '' : `${place}.`,
    textAt(row, RESULT.bib),
    textAt(row, RESULT.name) || <span class="muted">no name</span>,
    textAt(row, RESULT.club),
    textAt(row, RESULT.category),
    mainTime(row, hasNet),
    ...(hasNet ? [raceTimeText(numberAt(row, RESULT.gunMs))] : []),
    behindMs === null ? '' : gapText(behindMs),
  ];
};

/** A phone has no column for the point: it stands behind the name. */
const courseCells = (row: Row): readonly ComponentChildren[] => [
  textAt(row, 1),
  <>
    {textAt(row, 2)}
    <span class="small muted instead-of-roomy"> at {textAt(row, 3)}</span>
  </>,
  textAt(row, 3),
  raceTimeText(numberAt(row, 4)),
  textAt(row, 5),
];

const Lag = ({ desk }: Pick<DeskProps, 'desk'>): JSX.Element | null => {
  const lag = lagText(desk.held.results.value);
  return lag === null ? null : (
    <span role="status">
      <Pill tone="info" hollow>
        {lag}
      </Pill>
    </span>
  );
};

const Failed = ({ rows }: { readonly rows: Rows }): JSX.Element | null =>
  rows.type === 'failed' ? (
    <Notice tone="warn" title="The database did not answer">
      {rows.message}
    </Notice>
  ) : null;

const ResultList = (props: DeskProps & { readonly filter: ResultsFilter }): JSX.Element => {
  const { filter, desk } = props;
  const open = useSignal<string | null>(null);
  const rows = useLiveRows(desk.live, resultsOf(filter));
  const page = pageOf(rows);
  const hasNet = page?.rows.some((row) => row[RESULT.chipMs] !== null) ?? false;
  const opened = page?.rows.find((row) => row[RESULT.id] === open.value);
  if (page === null) return rows.type === 'failed' ? <Failed rows={rows} /> : <Loading label="Loading the results" />;
  if (page.rows.length === 0) {
    const isAll = filter.text === '' && filter.category === '' && filter.sex === '';
    return isAll ? (
      <Empty title="No results yet">They appear once a runner of this race has been read at one of its points.</Empty>
    ) : (
      <Empty title="Nobody fits">Take away a filter to see more.</Empty>
    );
  }
  return (
    <>
      <Failed rows={rows} />
      <p class="small muted results-count" role="status">
        {page.truncated ? `The first ${countText(MOST_RESULTS)} results` : plural(page.rows.length, 'result')}
      </p>
      <RowGrid
        label="Results"
        columns={resultColumns(hasNet)}
        count={page.rows.length}
        version={JSON.stringify(filter)}
        wrapsOnPhone
        cells={(index) => {
          const row = page.rows[index];
          return row === undefined ? null : resultCells(row, hasNet);
        }}
        onOpen={(index) => {
          open.value = textAt(page.rows[index] ?? [], RESULT.id);
        }}
      />
      {opened === undefined ? null : (
        <ResultPanel
          {...props}
          race={filter.race}
          row={opened}
          onClose={() => {
            open.value = null;
          }}
        />
      )}
    </>
  );
};

const CourseList = (props: DeskProps & { readonly race: string }): JSX.Element => {
  const rows = useLiveRows(props.desk.live, onCourseOf(props.race));
  const page = pageOf(rows);
  if (page === null) return rows.type === 'failed' ? <Failed rows={rows} /> : <Loading label="Loading" />;
  if (page.rows.length === 0) return <Empty title="Nobody is on the course">Between start and finish, that is.</Empty>;
  return (
    <RowGrid
      label="On the course, furthest first"
      columns={COURSE_COLUMNS}
      count={page.rows.length}
      wrapsOnPhone
      cells={(index) => {
        const row = page.rows[index];
        return row === undefined ? null : courseCells(row);
      }}
    />
  );
};

const SEXES = [
  ['', 'All'],
  ['F', 'Women'],
  ['M', 'Men'],
  ['X', 'X'],
] as const;

const Filters = (
  props: DeskProps & { readonly filter: ResultsFilter; readonly onFilter: (filter: ResultsFilter) => void },
): JSX.Element => {
  const { filter, onFilter } = props;
  const categories = pageOf(useLiveRows(props.desk.live, categoriesOf(filter.race)))?.rows ?? [];
  return (
    <>
      <Field id="results-category" label="Category">
        <select
          id="results-category"
          value={filter.category}
          onChange={(event) => onFilter({ ...filter, category: event.currentTarget.value })}
        >
          <option value="">All</option>
          {categories.map((row) => (
            <option key={textAt(row, 0)} value={textAt(row, 0)}>
              {textAt(row, 1)}
            </option>
          ))}
        </select>
      </Field>
      <Field id="results-sex" label="Sex">
        <select
          id="results-sex"
          value={filter.sex}
          onChange={(event) => onFilter({ ...filter, sex: event.currentTarget.value })}
        >
          {SEXES.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <Field id="results-search" label="Bib, name or club">
        <input
          id="results-search"
          type="search"
          autocomplete="off"
          spellcheck={false}
          maxLength={80}
          value={filter.text}
          onInput={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
        />
      </Field>
    </>
  );
};

/** The race to show: the one in the address, else the selected one, else the first. */
const raceOf = ({ desk, tools }: DeskProps, races: readonly Row[]): string => {
  const selected = desk.selection.selection.value;
  const wanted = [tools.address.place.value.race, selected.mode === 'race' ? selected.raceId : ''];
  const known = wanted.find((id) => races.some((row) => row[0] === id));
  return known ?? textAt(races[0] ?? [], 0);
};

const RaceSelect = (props: DeskProps & { readonly races: readonly Row[]; readonly race: string }): JSX.Element => (
  <Field id="results-race" label="Race">
    <select
      id="results-race"
      value={props.race}
      onChange={(event) => {
        const { address } = props.tools;
        address.go({ ...address.place.peek(), race: event.currentTarget.value });
      }}
    >
      {props.races.map((row) => (
        <option key={textAt(row, 0)} value={textAt(row, 0)}>
          {textAt(row, 1)}
        </option>
      ))}
    </select>
  </Field>
);

/** A race as the device's own database has it: computed beside the reads, without a relay. */
export const ResultsView = (props: DeskProps): JSX.Element => {
  const shown = useSignal<(typeof SHOWN)[number]['value']>('results');
  const chosen = useSignal({ category: '', sex: '', text: '' });
  const page = pageOf(useLiveRows(props.desk.live, RACES));
  const race = raceOf(props, page?.rows ?? []);
  const filter: ResultsFilter = { race, ...chosen.value };
  return (
    <section class="card" aria-labelledby="results-title">
      <div class="card-head">
        <h2 id="results-title">Results</h2>
        <div class="row">
          <Lag desk={props.desk} />
          <Segments
            name="shown"
            legend="What to show"
            hideLegend
            choices={SHOWN}
            value={shown.value}
            onChange={(value) => {
              shown.value = value;
            }}
          />
        </div>
      </div>
      {page === null ? <Loading label="Loading the races" /> : null}
      {page !== null && race === '' ? (
        <Empty title="The event has no races yet">They appear here as soon as an operator adds one.</Empty>
      ) : null}
      {race === '' ? null : (
        <>
          <div class="filters compact">
            <RaceSelect {...props} races={page?.rows ?? []} race={race} />
            {shown.value === 'results' ? (
              <Filters
                {...props}
                filter={filter}
                onFilter={({ category, sex, text }) => {
                  chosen.value = { category, sex, text };
                }}
              />
            ) : null}
          </div>
          {shown.value === 'results' ? (
            <ResultList key={race} {...props} filter={filter} />
          ) : (
            <CourseList key={race} {...props} race={race} />
          )}
        </>
      )}
    </section>
  );
};
