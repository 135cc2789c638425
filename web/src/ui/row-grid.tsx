import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { nextIndex } from './grid-keys.ts';
import { useNarrow } from './narrow.ts';
import { rootPixels } from './root-pixels.ts';
import { type TallRow, useTallRows } from './tall-rows.ts';

export interface GridColumn {
  readonly key: string;
  readonly title: ComponentChildren;
  /** CSS `flex` of its cells: the same in each row, so that they stand below each other. */
  readonly flex: string;
  readonly isNumber?: boolean;
  /** `col-roomy`, `col-wide`: what narrow windows can do without. */
  readonly class?: string;
}

export interface RowGridProps {
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly count: number;
  /** Null: it is not there yet. */
  readonly cells: (index: number) => readonly ComponentChildren[] | null;
  readonly onOpen?: (index: number) => void;
  /** Which rows are in the page now, and whether the first is in view. */
  readonly onView?: (first: number, last: number, isAtTop: boolean) => void;
  /** On a phone its texts have three lines before they are cut short. */
  readonly wrapsOnPhone?: boolean;
  /** More columns than fit are scrolled to. */
  readonly isWide?: boolean;
  /** Another one brings the list back to its first row. */
  readonly version?: unknown;
}

/** Of the root's font size. */
const ROW_REM = 2.25;
/** Of three lines. */
const WRAPPED_REM = 3.75;
/** As in `row-grid.css`. */
const HEAD_REM = 2.25;

const cellClass = ({ isNumber, class: more }: GridColumn): string =>
  ['grid-cell', isNumber === true ? 'grid-number' : '', more ?? ''].filter((it) => it !== '').join(' ');

const scrollerClass = (isWide: boolean, isWrapped: boolean): string =>
  ['grid-scroller', ...(isWide ? ['grid-wide'] : []), ...(isWrapped ? ['grid-wraps'] : [])].join(' ');

const Head = (props: { readonly columns: readonly GridColumn[] }): JSX.Element => (
  <thead>
    <tr aria-rowindex={1} class="grid-row grid-head">
      {props.columns.map((column) => (
        <th key={column.key} scope="col" class={cellClass(column)} style={{ flex: column.flex }}>
          {column.title}
        </th>
      ))}
    </tr>
  </thead>
);

const Row = (props: {
  readonly row: TallRow;
  readonly grid: RowGridProps;
  readonly isActive: boolean;
  readonly onFocus: () => void;
}): JSX.Element => {
  const { row, grid } = props;
  const cells = grid.cells(row.index);
  const { onOpen } = grid;
  return (
    <tr
      class={onOpen === undefined ? 'grid-row' : 'grid-row grid-opens'}
      aria-rowindex={row.index + 2}
      aria-busy={cells === null ? true : undefined}
      data-index={row.index}
      tabIndex={props.isActive ? 0 : -1}
      style={{ transform: `translateY(${row.at}px)` }}
      onClick={onOpen === undefined ? undefined : () => onOpen(row.index)}
      onFocus={props.onFocus}
    >
      {grid.columns.map((column, at) => (
        <td key={column.key} class={cellClass(column)} style={{ flex: column.flex }}>
          {cells === null ? <span class="grid-waiting" aria-hidden="true" /> : cells[at]}
        </td>
      ))}
    </tr>
  );
};

/** A table of any length: arrows, Page, Home and End move through it, Enter opens; only rows in view are in the page. */
export const RowGrid = (props: RowGridProps): JSX.Element => {
  const wanted = useSignal(0);
  const toFocus = useRef(false);
  const active = Math.max(0, Math.min(wanted.value, props.count - 1));
  const rem = useMemo(rootPixels, []);
  const isNarrow = useNarrow();
  const isWrapped = isNarrow && props.wrapsOnPhone === true;
  const rowRem = isWrapped ? WRAPPED_REM : ROW_REM;
  const view = useTallRows({
    count: props.count,
    rowHeight: rowRem * rem,
    headHeight: HEAD_REM * rem,
    kept: active,
  });
  const [first, last] = view.range;
  const { onView } = props;
  useEffect(() => onView?.(first, last, view.isAtTop), [onView, first, last, view.isAtTop, props.count]);
  useEffect(() => {
    wanted.value = 0;
    view.reveal(0);
  }, [props.version]);
  useLayoutEffect(() => {
    if (!toFocus.current) return;
    const row = view.scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (row == null) return;
    toFocus.current = false;
    row.focus({ preventScroll: true });
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextIndex(event.key, active, props.count, view.perPage());
    if (event.key === 'Enter' && props.onOpen !== undefined) props.onOpen(active);
    else if (next !== null) {
      wanted.value = next;
      toFocus.current = true;
      view.reveal(next);
    } else return;
    event.preventDefault();
  };
  return (
    <div
      ref={view.scroller}
      class={scrollerClass(props.isWide === true, isWrapped)}
      style={{ '--grid-rows': `${view.height}px`, '--grid-row': `${rowRem}rem` }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows of this table take the focus */}
      <table role="grid" class="row-grid" aria-label={props.label} aria-rowcount={props.count + 1}>
        <Head columns={props.columns} />
        <tbody class="grid-sizer" style={{ height: `${view.height}px` }} onKeyDown={onKeyDown}>
          {view.rows.map((row) => (
            <Row
              key={row.index}
              row={row}
              grid={props}
              isActive={row.index === active}
              onFocus={() => {
                wanted.value = row.index;
              }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
};
