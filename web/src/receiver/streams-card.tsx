import type { JSX } from 'preact';
import { Pill } from '../ui/pill.tsx';
import { clockText, countText, NO_TIME } from '../ui/time-text.ts';
import { FIRST_PLACE } from './address-store.ts';
import { numberAt, type Row, textAt } from './cell-values.ts';
import type { DeskProps } from './desk.ts';
import { pageOf, type Question, useLiveRows } from './live-rows.ts';
import { PlaceLink } from './place-link.tsx';
import { streamName } from './stream-name.ts';

/** From the roll-ups, so that it costs the same at a million reads. */
const STREAMS: Question = {
  sql: `SELECT c.stream_id, sum(c.seq)::bigint, count(*)::int, max(c.last_received_at), coalesce(max(u.chips), 0), coalesce(max(u.reads), 0)
FROM clock c
LEFT JOIN (
  SELECT stream_id, count(DISTINCT chip)::int AS chips, sum(reads)::bigint AS reads
  FROM chip_totals t WHERE NOT EXISTS (SELECT FROM chips k WHERE k.chip = lower(t.chip)) GROUP BY stream_id
) u USING (stream_id)
GROUP BY c.stream_id ORDER BY c.stream_id`,
  on: ['reads', 'setup'],
};

const Line = ({ row, desk, tools }: DeskProps & { readonly row: Row }): JSX.Element => {
  const streamId = textAt(row, 0);
  const [reads, epochs, lastAt, chips] = [1, 2, 3, 4].map((at) => numberAt(row, at) ?? 0);
  const last = lastAt === 0 || lastAt === undefined ? NO_TIME : clockText(lastAt);
  return (
    <tr>
      <th scope="row" class="stream-cell">
        <PlaceLink address={tools.address} place={{ ...FIRST_PLACE, view: 'reads', stream: streamId }}>
          {streamName(desk.setup.setup.value, streamId)}
        </PlaceLink>
        <span class="cell-more">
          <span class="small muted cell-under">last read {last}</span>
        </span>
      </th>
      <td class="number">{countText(reads ?? 0)}</td>
      <td class="number col-roomy">{epochs}</td>
      <td class="number col-roomy">{last}</td>
      <td>
        {chips === 0 ? (
          <span class="muted">none</span>
        ) : (
          <PlaceLink address={tools.address} place={{ ...FIRST_PLACE, view: 'chips' }}>
            <Pill tone="warn">
              {countText(chips ?? 0)}
              <span class="visually-hidden"> unknown chips</span>
            </Pill>
          </PlaceLink>
        )}
      </td>
    </tr>
  );
};

/** Each stream in a line: how many reads, when the last came, and chips that nobody has. */
export const StreamsCard = (props: DeskProps): JSX.Element | null => {
  const page = pageOf(useLiveRows(props.desk.live, STREAMS));
  if (page === null || page.rows.length === 0) return null;
  return (
    <section class="card" aria-labelledby="streams-title">
      <div class="card-head">
        <h2 id="streams-title">Streams</h2>
      </div>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">Stream</th>
              <th scope="col" class="number">
                Reads
              </th>
              <th scope="col" class="number col-roomy">
                Epochs
              </th>
              <th scope="col" class="number col-roomy">
                Last read
              </th>
              <th scope="col">
                Unknown<span class="col-roomy"> chips</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {page.rows.map((row) => (
              <Line key={textAt(row, 0)} {...props} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};
