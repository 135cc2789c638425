import type { JSX } from 'preact';
import { Drawer } from '../../ui/drawer.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { dayAndClockText, raceTimeText } from '../../ui/time-text.ts';
import { FIRST_PLACE } from '../address-store.ts';
import { numberAt, type Row, textAt, timeAt } from '../cell-values.ts';
import type { DeskProps } from '../desk.ts';
import { pageOf, useLiveRows } from '../live-rows.ts';
import { PlaceLink } from '../place-link.tsx';
import { readerClock } from '../read-text.ts';
import { correctionOf, RESULT, splitsOf } from './results-query.ts';
import { STATUS_TITLES } from './results-words.ts';

const rankText = (rank: number | null): string => (rank === null ? '' : `${rank}.`);

const Fact = (props: { readonly name: string; readonly value: string }): JSX.Element | null =>
  props.value === '' ? null : (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );

const Facts = ({ row }: { readonly row: Row }): JSX.Element => (
  <dl class="facts">
    <Fact name="Status" value={STATUS_TITLES[textAt(row, RESULT.status)] ?? ''} />
    <Fact name="Place" value={rankText(numberAt(row, RESULT.rank))} />
    <Fact name="In category" value={rankText(numberAt(row, RESULT.categoryRank))} />
    <Fact name="By sex" value={rankText(numberAt(row, RESULT.sexRank))} />
    <Fact name="Net time" value={raceTimeText(numberAt(row, RESULT.chipMs))} />
    <Fact name="Gun time" value={raceTimeText(numberAt(row, RESULT.gunMs))} />
    <Fact name="Category" value={textAt(row, RESULT.category)} />
    <Fact name="Sex" value={textAt(row, RESULT.sex)} />
    <Fact name="Club" value={textAt(row, RESULT.club)} />
  </dl>
);

const Splits = ({ rows }: { readonly rows: readonly Row[] }): JSX.Element => (
  <div class="table-wrap">
    <table>
      <thead>
        <tr>
          <th scope="col">Timing point</th>
          <th scope="col" class="number">
            Time
          </th>
          <th scope="col" class="number">
            Place
          </th>
          <th scope="col" class="number">
            Reader’s clock
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={textAt(row, 0)}>
            <td>{textAt(row, 0)}</td>
            <td class="number">{raceTimeText(numberAt(row, 1))}</td>
            <td class="number">{rankText(numberAt(row, 2))}</td>
            <td class="number mono">{readerClock(textAt(row, 3))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const Correction = ({ row }: { readonly row: Row }): JSX.Element => {
  const [manual, at] = [numberAt(row, 1), timeAt(row, 4)];
  const what = [textAt(row, 0), manual === null ? '' : `time by hand ${raceTimeText(manual)}`].filter(Boolean);
  return (
    <Notice tone="info" title={`Corrected by an official: ${what.join(', ')}`}>
      {textAt(row, 2)} ({textAt(row, 3)}
      {at === null ? '' : `, ${dayAndClockText(at)}`})
    </Notice>
  );
};

/** One runner: times, places, splits, what an official decided. */
export const ResultPanel = (
  props: DeskProps & { readonly race: string; readonly row: Row; readonly onClose: () => void },
): JSX.Element => {
  const { desk, tools, row } = props;
  const [id, bib] = [textAt(row, RESULT.id), textAt(row, RESULT.bib)];
  const splits = pageOf(useLiveRows(desk.live, splitsOf(props.race, id)));
  const [correction] = pageOf(useLiveRows(desk.live, correctionOf(id)))?.rows ?? [];
  return (
    <Drawer id="result" title={`${bib} ${textAt(row, RESULT.name)}`} onClose={props.onClose}>
      {correction === undefined ? null : <Correction row={correction} />}
      <Facts row={row} />
      {splits === null ? <Loading label="Loading the splits" /> : null}
      {splits === null || splits.rows.length === 0 ? null : <Splits rows={splits.rows} />}
      <PlaceLink address={tools.address} place={{ ...FIRST_PLACE, view: 'reads', who: bib }}>
        All reads of bib {bib}
      </PlaceLink>
    </Drawer>
  );
};
