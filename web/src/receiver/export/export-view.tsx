import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Field } from '../../ui/field.tsx';
import { Empty, Loading } from '../../ui/notice.tsx';
import { Segments } from '../../ui/segments.tsx';
import { countText, plural } from '../../ui/time-text.ts';
import { numberAt, type Row, textAt } from '../cell-values.ts';
import type { DeskProps } from '../desk.ts';
import { pageOf, type Question, useLiveRows } from '../live-rows.ts';
import { RACES } from '../results/results-query.ts';
import { lagText } from '../results/results-words.ts';
import { streamName } from '../stream-name.ts';
import type { ExportFormat, ExportScope } from './export-scope.ts';
import { createExportStore, type ExportStore, type RunningExport } from './export-store.ts';

const FORMATS = [
  { value: 'txt', label: 'Raw lines' },
  { value: 'csv', label: 'CSV' },
] as const;

const EPOCHS: Question = {
  sql: `SELECT c.stream_id, c.epoch, c.seq, m.race_id FROM clock c
LEFT JOIN mappings m ON m.stream_id = c.stream_id AND m.epoch = c.epoch ORDER BY c.stream_id, c.epoch`,
  on: ['reads', 'setup'],
};

interface Choice {
  readonly key: string;
  readonly label: string;
  readonly scope: ExportScope;
  readonly reads: number;
}

const sumOf = (rows: readonly Row[]): number => rows.reduce((sum, row) => sum + (numberAt(row, 2) ?? 0), 0);

/** Races first, then each stream with its epochs. */
const choicesOf = ({ desk }: DeskProps, epochs: readonly Row[], races: readonly Row[]): readonly Choice[] => {
  const setup = desk.setup.setup.value;
  const ofRaces = races.flatMap((race): readonly Choice[] => {
    const raceId = textAt(race, 0);
    const own = epochs.filter((row) => row[3] === raceId);
    return own.length === 0
      ? []
      : [
          {
            key: `race/${raceId}`,
            label: `Race ${textAt(race, 1)}`,
            scope: { type: 'race', raceId },
            reads: sumOf(own),
          },
        ];
  });
  const streams = [...new Set(epochs.map((row) => textAt(row, 0)))];
  const ofStreams = streams.flatMap((streamId): readonly Choice[] => {
    const own = epochs.filter((row) => row[0] === streamId);
    const name = streamName(setup, streamId);
    const all: Choice = {
      key: `stream/${streamId}`,
      label: name,
      scope: { type: 'stream', streamId },
      reads: sumOf(own),
    };
    const single = own.map((row): Choice => {
      const epoch = numberAt(row, 1) ?? 0;
      const label = `${name}, epoch ${epoch}`;
      return {
        key: `epoch/${streamId}/${epoch}`,
        label,
        scope: { type: 'epoch', streamId, epoch },
        reads: sumOf([row]),
      };
    });
    return [all, ...single];
  });
  return [...ofRaces, ...ofStreams];
};

const Progress = (props: { readonly running: RunningExport; readonly store: ExportStore }): JSX.Element => {
  const { name, done, of } = props.running;
  const text = of === 0 ? `Preparing ${name}` : `${name}: ${countText(done)} of ${plural(of, 'read')}`;
  return (
    <div class="row">
      <span class="small" role="status">
        {text}
      </span>
      <span class="grow">
        <progress max={Math.max(1, of)} value={done} aria-label={text} />
      </span>
      <button type="button" class="button button-small" onClick={props.store.cancel}>
        Cancel
      </button>
    </div>
  );
};

const ReadsCard = (
  props: DeskProps & { readonly store: ExportStore; readonly choices: readonly Choice[] },
): JSX.Element => {
  const { store, choices } = props;
  const key = useSignal('');
  const format = useSignal<ExportFormat>('txt');
  const chosen = choices.find((it) => it.key === key.value) ?? choices[0];
  return (
    <section class="card" aria-labelledby="export-reads-title">
      <div class="card-head">
        <h2 id="export-reads-title">Reads</h2>
      </div>
      {chosen === undefined ? (
        <Empty title="No reads to export">
          Once some are here, they can be saved as a file, also without the relay.
        </Empty>
      ) : (
        <div class="card-body stack">
          <Field id="export-scope" label="Of">
            <select
              id="export-scope"
              value={chosen.key}
              onChange={(event) => {
                key.value = event.currentTarget.value;
              }}
            >
              {choices.map((it) => (
                <option key={it.key} value={it.key}>
                  {it.label} ({plural(it.reads, 'read')})
                </option>
              ))}
            </select>
          </Field>
          <Segments
            name="format"
            legend="As"
            choices={FORMATS}
            value={format.value}
            onChange={(value) => {
              format.value = value;
            }}
          />
          <p class="small muted">
            {format.value === 'txt'
              ? 'Each line as the reader said it, byte for byte, in the order of epoch and number.'
              : 'streamId, epoch, seq, readerTime, receivedAt, chip, kind, raw; as the relay exports it.'}
          </p>
          <div class="row">
            <button
              type="button"
              class="button button-primary"
              disabled={store.running.value !== null}
              onClick={() => void store.reads(chosen.scope, format.value)}
            >
              Save {plural(chosen.reads, 'read')}
            </button>
          </div>
        </div>
      )}
    </section>
  );
};

const ResultsCard = (
  props: DeskProps & { readonly store: ExportStore; readonly races: readonly Row[] },
): JSX.Element => {
  const { store, races } = props;
  const wanted = useSignal('');
  const race = races.find((row) => row[0] === wanted.value) ?? races[0];
  const lag = lagText(props.desk.held.results.value);
  return (
    <section class="card" aria-labelledby="export-results-title">
      <div class="card-head">
        <h2 id="export-results-title">Results</h2>
      </div>
      {race === undefined ? (
        <Empty title="No races">The event has none yet.</Empty>
      ) : (
        <div class="card-body stack">
          <Field id="export-race" label="Race">
            <select
              id="export-race"
              value={textAt(race, 0)}
              onChange={(event) => {
                wanted.value = event.currentTarget.value;
              }}
            >
              {races.map((row) => (
                <option key={textAt(row, 0)} value={textAt(row, 0)}>
                  {textAt(row, 1)} ({plural(numberAt(row, 2) ?? 0, 'result')})
                </option>
              ))}
            </select>
          </Field>
          <p class="small muted">
            Places, times and splits as this device computed them{lag === null ? '' : `, ${lag}`}, as CSV.
          </p>
          <div class="row">
            <button
              type="button"
              class="button"
              disabled={store.running.value !== null}
              onClick={() => void store.results(textAt(race, 0), textAt(race, 1))}
            >
              Save results
            </button>
          </div>
        </div>
      )}
    </section>
  );
};

/** Files out of what this device holds; nothing of it needs the relay. */
export const ExportView = (props: DeskProps): JSX.Element => {
  const { desk, tools } = props;
  const store = useMemo(
    () => createExportStore({ replica: desk.database, files: tools.files, announcer: tools.announcer }),
    [desk, tools],
  );
  const epochs = pageOf(useLiveRows(desk.live, EPOCHS));
  const races = pageOf(useLiveRows(desk.live, RACES));
  if (epochs === null || races === null) {
    return (
      <div class="card">
        <Loading label="Loading what there is to export" />
      </div>
    );
  }
  const running = store.running.value;
  return (
    <div class="stack">
      {running === null ? null : <Progress running={running} store={store} />}
      <div class="export-cards">
        <ReadsCard {...props} store={store} choices={choicesOf(props, epochs.rows, races.rows)} />
        <ResultsCard {...props} store={store} races={races.rows} />
      </div>
    </div>
  );
};
