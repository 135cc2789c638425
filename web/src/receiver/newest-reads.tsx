import type { Setup } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { Empty, Loading } from '../ui/notice.tsx';
import { clockText, countText, NO_TIME, plural } from '../ui/time-text.ts';
import type { Place } from './address-store.ts';
import { bytesAt, numberAt, type Row, textAt } from './cell-values.ts';
import type { DeskProps } from './desk.ts';
import { pageOf, type Question, useLiveRows } from './live-rows.ts';
import { PlaceLink } from './place-link.tsx';
import { lineText, readerClock } from './read-text.ts';
import { streamName } from './stream-name.ts';

const NEWEST: Question = {
  sql: `SELECT pos, stream_id, epoch, seq, reader_time, received_at, chip, raw FROM reads ORDER BY pos DESC LIMIT 12`,
  on: ['reads'],
};

const Line = (props: { readonly row: Row; readonly setup: Setup }): JSX.Element => {
  const { row, setup } = props;
  const [chip, stream] = [textAt(row, 6), streamName(setup, textAt(row, 1))];
  return (
    <tr>
      <td class="mono nowrap">{readerClock(textAt(row, 4)) || NO_TIME}</td>
      <td>
        <span class={chip === '' ? 'mono muted' : 'mono'}>{chip || lineText(bytesAt(row, 7))}</span>
        <span class="cell-more">
          <span class="muted cell-under">{stream}</span>
        </span>
      </td>
      <td class="col-roomy">{stream}</td>
      <td class="number muted col-roomy">
        {numberAt(row, 2)}/{countText(numberAt(row, 3) ?? 0)}
      </td>
      <td class="number muted col-roomy">{clockText(numberAt(row, 5) ?? 0)}</td>
    </tr>
  );
};

const Lines = (props: { readonly rows: readonly Row[]; readonly setup: Setup }): JSX.Element => (
  <div class="table-wrap reads">
    <table>
      <thead>
        <tr>
          <th scope="col">Reader time</th>
          <th scope="col">Chip</th>
          <th scope="col" class="col-roomy">
            Stream
          </th>
          <th scope="col" class="number col-roomy">
            Epoch/no.
          </th>
          <th scope="col" class="number col-roomy">
            Received
          </th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <Line key={String(row[0])} row={row} setup={props.setup} />
        ))}
      </tbody>
    </table>
  </div>
);

/** The last few reads, so that one sees them come. */
export const NewestReads = ({ desk, tools }: DeskProps): JSX.Element => {
  const page = pageOf(useLiveRows(desk.live, NEWEST));
  const rows = page?.rows ?? [];
  const held = desk.held.progress.value.reduce((sum, it) => sum + it.held, 0);
  const all: Place = { view: 'reads', stream: '', who: '', race: '' };
  return (
    <section class="card" aria-labelledby="newest-title">
      <div class="card-head">
        <h2 id="newest-title">Newest reads</h2>
        <PlaceLink address={tools.address} place={all}>
          {held === 0 ? 'All reads' : `All ${plural(held, 'read')}`}
        </PlaceLink>
      </div>
      {rows.length === 0 && (page === null || held > 0) ? <Loading label="Loading the newest reads" /> : null}
      {rows.length === 0 && page !== null && held === 0 ? (
        <Empty title="No reads yet">They appear here the moment they arrive.</Empty>
      ) : null}
      {rows.length === 0 ? null : <Lines rows={rows} setup={desk.setup.setup.value} />}
    </section>
  );
};
