import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { heightOf, restingScroll, revealingTop, scrolledTop, type TallView } from './tall-scroll.ts';

/** A row that is in the page now; `at` in pixels from the top of the scrolled element. */
export interface TallRow {
  readonly index: number;
  readonly at: number;
}

export interface TallRows {
  /** Give it to the element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly rows: readonly TallRow[];
  /** The first and the last of them but for the kept one. */
  readonly range: readonly [number, number];
  /** Pixels of the scrolled element. */
  readonly height: number;
  readonly reveal: (index: number) => void;
  readonly perPage: () => number;
  readonly isAtTop: boolean;
}

const OVERSCAN = 6;

/** Indexes of the first and the last row that are drawn, those around the view included. */
const rangeIn = (top: number, { count, rowHeight, viewHeight }: TallView): readonly [number, number] => [
  Math.max(0, Math.floor(top) - OVERSCAN),
  Math.min(count - 1, Math.ceil(top + viewHeight / rowHeight) + OVERSCAN),
];

const withKept = (first: number, last: number, kept: number, count: number): readonly number[] => {
  const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  if (kept >= 0 && kept < first) return [kept, ...indexes];
  return kept > last && kept < count ? [...indexes, kept] : indexes;
};

/** Of `count` rows of one height, however many, draws only those in view. */
export const useTallRows = (props: {
  readonly count: number;
  readonly rowHeight: number;
  /** Pixels of what stays above the rows within the scroller. */
  readonly headHeight: number;
  /** Index of the row that has the focus and must not leave the page; -1 for none. */
  readonly kept: number;
}): TallRows => {
  const scroller = useRef<HTMLDivElement>(null);
  const viewHeight = useSignal(0);
  const place = useSignal({ top: 0, scrollTop: 0 });
  const view: TallView = { count: props.count, rowHeight: props.rowHeight, viewHeight: viewHeight.value };
  const latest = useRef(view);
  latest.current = view;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onScroll = (): void => {
      const { top, scrollTop } = place.peek();
      const to = element.scrollTop;
      place.value = { top: scrolledTop(top, scrollTop, to, latest.current), scrollTop: to };
    };
    const onRest = (): void => {
      const { top, scrollTop } = place.peek();
      const rest = restingScroll(top, latest.current);
      if (Math.abs(rest - scrollTop) < 1) return;
      element.scrollTop = rest;
      place.value = { top, scrollTop: element.scrollTop };
    };
    onRest(); // rows of another height are elsewhere
    const measured = new ResizeObserver(() => {
      viewHeight.value = Math.max(0, element.clientHeight - props.headHeight);
    });
    measured.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('scrollend', onRest);
    return () => {
      measured.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('scrollend', onRest);
    };
  }, [place, viewHeight, props.headHeight, props.rowHeight]);

  const { scrollTop } = place.value;
  const top = Math.min(place.value.top, Math.max(0, view.count - 1));
  const [first, last] = rangeIn(top, view);
  return {
    scroller,
    rows: withKept(first, last, props.kept, view.count).map((index) => ({
      index,
      at: scrollTop + (index - top) * view.rowHeight,
    })),
    range: [first, last],
    height: heightOf(view),
    reveal: (index) => {
      const next = revealingTop(place.peek().top, index, latest.current);
      if (scroller.current === null || next === place.peek().top) return;
      // the place is told before the event of scrolling comes, which then moves nothing
      const rest = restingScroll(next, latest.current);
      scroller.current.scrollTop = rest;
      place.value = { top: next, scrollTop: scroller.current.scrollTop };
    },
    perPage: () => Math.max(1, Math.floor(latest.current.viewHeight / latest.current.rowHeight)),
    isAtTop: top < 0.5,
  };
};
