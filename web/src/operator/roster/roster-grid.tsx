import type { Race } from '@baton/schema/doc';
import { participantName } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { nextIndex } from '../../ui/grid-keys.ts';
import { Pill } from '../../ui/pill.tsx';
import { rootPixels } from '../../ui/root-pixels.ts';
import { useVirtualRows, type VirtualRow } from '../../ui/virtual-rows.ts';
import { categoryText } from './category-words.ts';
import { correctionShort } from './correction-draft.ts';
import type { FilterContext } from './roster-filter.ts';
import type { RosterRow } from './roster-row.ts';
import { PROBLEM_WORDS, rowProblems } from './row-problems.ts';

/** Of the root's font size, as in `roster.css`. */
const ROW_REM = 3;
const HEAD_REM = 2.25;

const COLUMNS = ['Bib', 'Name', 'Club', 'Race', 'Category', 'Chips', 'Status'] as const;

const StatusCell = (props: { readonly row: RosterRow; readonly context: FilterContext }): JSX.Element => {
  const { row, context } = props;
  const [problem] = rowProblems(row, context.races, context.twins);
  return (
    <td class="roster-status">
      {row.correction === null ? null : <Pill tone="info">{correctionShort(row.correction)}</Pill>}
      {problem === undefined ? null : <Pill tone="warn">{PROBLEM_WORDS[problem]}</Pill>}
    </td>
  );
};

const raceName = (races: ReadonlyMap<RaceId, Race>, raceId: RaceId | null): string =>
  raceId === null ? 'any' : (races.get(raceId)?.name ?? raceId);

const Row = (props: {
  readonly row: RosterRow;
  readonly place: VirtualRow;
  readonly isActive: boolean;
  readonly context: FilterContext;
  readonly onOpen: () => void;
  readonly onFocus: () => void;
}): JSX.Element => {
  const { row, place, context } = props;
  const { participant } = row;
  const club = participant.club ?? '';
  return (
    <tr
      class="roster-row"
      aria-rowindex={place.index + 2}
      data-index={place.index}
      tabIndex={props.isActive ? 0 : -1}
      style={{ transform: `translateY(${place.top}px)` }}
      onClick={props.onOpen}
      onFocus={props.onFocus}
    >
      <td class="roster-bib">{participant.bib}</td>
      <td class="roster-name">
        <span class="roster-cut">{participantName(participant) || '(no name)'}</span>
        <span class="roster-cut roster-under small muted" aria-hidden="true">
          {club === '' ? raceName(context.races, participant.raceId) : club}
        </span>
      </td>
      <td class="roster-cut roster-club">{club}</td>
      <td class="roster-cut roster-race">{raceName(context.races, participant.raceId)}</td>
      <td class="roster-cut roster-category">{categoryText(participant, context)}</td>
      <td class="roster-cut roster-chips mono">{row.chips.join(' ')}</td>
      <StatusCell row={row} context={context} />
    </tr>
  );
};

const Head = (): JSX.Element => (
  <thead>
    <tr aria-rowindex={1} class="roster-row roster-head">
      {COLUMNS.map((name) => (
        <th key={name} scope="col" class={`roster-${name.toLowerCase()}`}>
          {name}
        </th>
      ))}
    </tr>
  </thead>
);

/** The list of participants; only the rows in view are in the page, however many there are. */
export const RosterGrid = (props: {
  readonly rows: readonly RosterRow[];
  readonly context: FilterContext;
  readonly onOpen: (row: RosterRow) => void;
}): JSX.Element => {
  const { rows, context } = props;
  const wanted = useSignal(0);
  const toFocus = useRef(false);
  const active = Math.min(wanted.value, rows.length - 1);
  const rem = useMemo(rootPixels, []);
  const view = useVirtualRows({
    count: rows.length,
    rowHeight: ROW_REM * rem,
    headHeight: HEAD_REM * rem,
    kept: active,
  });
  useLayoutEffect(() => {
    if (!toFocus.current) return;
    const row = view.scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (row == null) return;
    toFocus.current = false;
    row.focus({ preventScroll: true });
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[active];
    const next = nextIndex(event.key, active, rows.length, view.perPage());
    if (event.key === 'Enter' && row !== undefined) props.onOpen(row);
    else if (next !== null) {
      wanted.value = next;
      toFocus.current = true;
      view.reveal(next);
    } else return;
    event.preventDefault();
  };
  return (
    <div ref={view.scroller} class="roster-scroller" style={{ '--roster-rows': `${view.height}px` }}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows of this table take the focus and open */}
      <table role="grid" class="roster-grid" aria-label="Participants" aria-rowcount={rows.length + 1}>
        <Head />
        <tbody class="roster-sizer" style={{ height: `${view.height}px` }} onKeyDown={onKeyDown}>
          {view.rows.map((place) => {
            const row = rows[place.index];
            return row === undefined ? null : (
              <Row
                key={row.participant.participantId}
                row={row}
                place={place}
                isActive={place.index === active}
                context={context}
                onOpen={() => props.onOpen(row)}
                onFocus={() => {
                  wanted.value = place.index;
                }}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
};
