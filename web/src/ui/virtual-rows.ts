import { useSignal } from '@preact/signals';
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Range,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** A row that is in the page now; `top` in pixels from the first row. */
export interface VirtualRow {
  readonly index: number;
  readonly top: number;
}

export interface VirtualRows {
  /** Give it to the element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly rows: readonly VirtualRow[];
  /** Pixels of all rows together. */
  readonly height: number;
  readonly reveal: (index: number) => void;
  /** How many whole rows are in view. */
  readonly perPage: () => number;
}

const OVERSCAN = 8;

/** The rows in view, those around them, and the kept one. */
const rowsOf = (range: Range, kept: number): number[] => {
  const found = defaultRangeExtractor(range);
  if (kept < 0 || kept >= range.count || found.includes(kept)) return found;
  return [...found, kept].sort((a, b) => a - b);
};

/** Of `count` rows of one height, draws only those that are in view: the adapter of TanStack Virtual for Preact. */
export const useVirtualRows = (props: {
  readonly count: number;
  /** Pixels, of each. */
  readonly rowHeight: number;
  /** Pixels of what stays above the rows within the scroller. */
  readonly headHeight: number;
  /** Index of the row that has the focus and must not leave the page; -1 for none. */
  readonly kept: number;
}): VirtualRows => {
  const { count, rowHeight, headHeight, kept } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const drawn = useSignal(0);
  const made = useRef<Virtualizer<HTMLDivElement, Element> | null>(null);
  const options = {
    count,
    estimateSize: () => rowHeight,
    getScrollElement: () => scroller.current,
    overscan: OVERSCAN,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    rangeExtractor: (range: Range) => rowsOf(range, kept),
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => {
      drawn.value++;
    },
  };
  const virtualizer = made.current ?? new Virtualizer<HTMLDivElement, Element>(options);
  made.current = virtualizer;
  virtualizer.setOptions({ ...virtualizer.options, ...options });
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  // reading it draws anew when the view has moved
  drawn.value;
  return {
    scroller,
    rows: virtualizer.getVirtualItems().map(({ index, start }) => ({ index, top: start - headHeight })),
    height: virtualizer.getTotalSize(),
    reveal: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
    perPage: () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headHeight) / rowHeight)),
  };
};
