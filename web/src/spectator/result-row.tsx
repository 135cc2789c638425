import type { JSX } from 'preact';
import type { EventStore } from './event-store.ts';
import { gapText, raceTimeText, rankText } from './local-text.ts';
import type { ResultRow } from './public-body.ts';
import type { ResultColumns } from './result-columns.ts';
import { Star } from './star.tsx';
import { ViewLink } from './view-link.tsx';
import { say } from './words.ts';

export interface ResultLineProps {
  readonly store: EventStore;
  readonly row: ResultRow;
  /** As people are shown it. */
  readonly category: string | null;
  readonly place: number | null;
  readonly behindMs: number | null;
  readonly columns: ResultColumns;
  readonly racing: boolean;
  /** Came or changed while somebody looked. */
  readonly isNew: boolean;
}

/** A runner seen somewhere and not yet at the finish is on the course as long as there is a race. */
const mainTime = ({ row, columns, racing }: ResultLineProps): JSX.Element | string => {
  if (row.status !== null) return <abbr title={say(row.status)}>{row.status}</abbr>;
  const ms = columns.main === 'net' ? row.chipMs : row.gunMs;
  if (ms !== null) return raceTimeText(ms);
  return racing && row.rank === null ? <span class="result-waiting">{say('onCourse')}</span> : '';
};

const splitTime = (row: ResultRow, pointId: string): string => {
  const elapsedMs = row.splits.find((it) => it.pointId === pointId)?.elapsedMs ?? null;
  return elapsedMs === null ? '' : raceTimeText(elapsedMs);
};

const Times = (props: ResultLineProps): JSX.Element => {
  const { row, columns } = props;
  const gun = row.status === null && columns.gunToo && row.gunMs !== null ? raceTimeText(row.gunMs) : '';
  return (
    <>
      {columns.splits.map((point) => (
        <td key={point.pointId} class="number col-wide muted">
          {splitTime(row, point.pointId)}
        </td>
      ))}
      <td class="number result-time">
        {mainTime(props)}
        {gun === '' ? null : <span class="result-second">{gun}</span>}
      </td>
      {columns.gunToo ? <td class="number col-medium muted">{gun}</td> : null}
      {columns.behind ? (
        <td class="number col-medium muted">{row.status === null ? gapText(props.behindMs) : ''}</td>
      ) : null}
    </>
  );
};

/** One participant's line; the name leads to the runner's page. */
export const ResultLine = (props: ResultLineProps): JSX.Element => {
  const { row, columns, category, store } = props;
  const under = [say('bibOf', { bib: row.bib }), category, row.club]
    .filter((it) => it !== null && it !== '')
    .join(' · ');
  return (
    <tr class={props.isNew ? 'result-new' : ''}>
      <td class="number result-rank">{rankText(props.place)}</td>
      <td class="number col-medium muted">{row.bib}</td>
      <td class="result-name">
        <ViewLink store={store} to={{ raceId: row.raceId, bib: row.bib }} class="result-link">
          {row.name === '' ? say('bibOf', { bib: row.bib }) : row.name}
        </ViewLink>
        <span class="result-under col-narrow">{under}</span>
        {row.club === null ? null : <span class="result-under col-medium">{row.club}</span>}
      </td>
      {columns.category ? <td class="col-medium muted nowrap">{category ?? ''}</td> : null}
      <Times {...props} />
      <td class="result-star">
        <Star store={store} runner={row} />
      </td>
    </tr>
  );
};
