import type { JSX } from 'preact';
import { gapText, raceTimeText } from '../ui/time-text.ts';
import type { ResultRow } from './public-body.ts';
import { cellCount, type ResultColumns } from './result-columns.ts';

const STATUS_TITLES = { DNS: 'Did not start', DNF: 'Did not finish', DSQ: 'Disqualified' } as const;

const rankText = (rank: number | null): string => (rank === null ? '' : `${rank}.`);

const Fact = (props: { readonly name: string; readonly value: string; readonly note?: string }): JSX.Element => (
  <div>
    <dt>{props.name}</dt>
    <dd>
      {props.value}
      {props.note === undefined || props.note === '' ? null : <span class="muted small"> {props.note}</span>}
    </dd>
  </div>
);

const rankNote = (rank: number | null): string => (rank === null ? '' : `(${rank}.)`);

const Details = (props: { readonly row: ResultRow; readonly columns: ResultColumns }): JSX.Element => {
  const { row, columns } = props;
  return (
    <dl class="facts">
      {row.splits.map((it) => (
        <Fact key={it.pointId} name={it.name} value={raceTimeText(it.elapsedMs)} note={rankNote(it.rank)} />
      ))}
      {columns.main === 'net' ? <Fact name="Net time" value={raceTimeText(row.chipMs)} /> : null}
      {columns.main === 'gun' || columns.gunToo ? <Fact name="Gun time" value={raceTimeText(row.gunMs)} /> : null}
      {row.category === null ? null : <Fact name="Category" value={row.category} note={rankNote(row.categoryRank)} />}
      {row.sexRank === null ? null : <Fact name="Place by sex" value={`${row.sexRank}. ${row.sex ?? ''}`} />}
      {row.club === null ? null : <Fact name="Club" value={row.club} />}
    </dl>
  );
};

/** A runner seen somewhere and not yet at the finish is on the course as long as there is a race. */
const mainTime = (row: ResultRow, columns: ResultColumns, racing: boolean): JSX.Element | string => {
  if (row.status !== null) return <abbr title={STATUS_TITLES[row.status]}>{row.status}</abbr>;
  const ms = columns.main === 'net' ? row.chipMs : row.gunMs;
  if (ms !== null) return raceTimeText(ms);
  return racing && row.splits.some((it) => it.elapsedMs !== null) ? <span class="result-waiting">on course</span> : '';
};

const splitTime = (row: ResultRow, pointId: string): string => {
  const elapsedMs = row.splits.find((it) => it.pointId === pointId)?.elapsedMs ?? null;
  return elapsedMs === null ? '' : raceTimeText(elapsedMs);
};

const Times = (props: {
  readonly row: ResultRow;
  readonly columns: ResultColumns;
  readonly racing: boolean;
}): JSX.Element => {
  const { row, columns, racing } = props;
  const gun = row.status === null && columns.gunToo && row.gunMs !== null ? raceTimeText(row.gunMs) : '';
  return (
    <>
      {columns.splits.map((point) => (
        <td key={point.pointId} class="number col-wide muted">
          {splitTime(row, point.pointId)}
        </td>
      ))}
      <td class="number result-time">
        {mainTime(row, columns, racing)}
        {gun === '' ? null : <span class="result-second">{gun}</span>}
      </td>
      {columns.gunToo ? <td class="number col-medium muted">{gun}</td> : null}
      {columns.behind ? (
        <td class="number col-medium muted">
          {row.status === null && row.behindMs !== null ? gapText(row.behindMs) : ''}
        </td>
      ) : null}
    </>
  );
};

/** One participant's line; opens to splits and places. */
export const ResultLine = (props: {
  readonly row: ResultRow;
  readonly columns: ResultColumns;
  readonly racing: boolean;
  readonly open: boolean;
  readonly onToggle: () => void;
}): JSX.Element => {
  const { row, columns, open } = props;
  const detailsId = `details-${row.bib}`;
  const under = [`Bib ${row.bib}`, row.category, row.club].filter((it) => it !== null && it !== '').join(' · ');
  return (
    <>
      <tr class={open ? 'is-open' : ''}>
        <td class="number result-rank">{rankText(row.rank)}</td>
        <td class="number col-medium muted">{row.bib}</td>
        <td class="result-name">
          <button
            type="button"
            class="result-toggle"
            aria-expanded={open}
            aria-controls={detailsId}
            onClick={props.onToggle}
          >
            {row.name === '' ? `Bib ${row.bib}` : row.name}
          </button>
          <span class="result-under col-narrow">{under}</span>
          {row.club === null ? null : <span class="result-under col-medium">{row.club}</span>}
        </td>
        {columns.category ? (
          <td class="col-medium muted nowrap">
            {row.category ?? ''}
            {row.categoryRank === null ? null : <span class="small"> {rankNote(row.categoryRank)}</span>}
          </td>
        ) : null}
        <Times row={row} columns={columns} racing={props.racing} />
      </tr>
      {open ? (
        <tr class="result-details" id={detailsId}>
          <td colSpan={cellCount(columns)}>
            <Details row={row} columns={columns} />
          </td>
        </tr>
      ) : null}
    </>
  );
};
