/**
 * Scrolling through more rows than a browser can make pixels (Firefox stops at 17.8 million, Chromium at 33.5): the scrolled
 * element is only as tall as `MOST_PIXELS`. Small movements are followed to the pixel, large ones, as of the scroll bar's
 * thumb, in proportion; once it rests, the bar is put where the rows are.
 */
export interface TallView {
  readonly count: number;
  /** Pixels, of each row. */
  readonly rowHeight: number;
  /** Pixels in which rows are seen. */
  readonly viewHeight: number;
}

export const MOST_PIXELS = 8_000_000;

/** A movement of more views than this is a jump. */
const NEAR_VIEWS = 2;

export const heightOf = ({ count, rowHeight }: TallView): number => Math.min(count * rowHeight, MOST_PIXELS);

const isTall = ({ count, rowHeight }: TallView): boolean => count * rowHeight > MOST_PIXELS;

const mostScroll = (view: TallView): number => Math.max(0, heightOf(view) - view.viewHeight);

const mostTop = ({ count, rowHeight, viewHeight }: TallView): number => Math.max(0, count - viewHeight / rowHeight);

const within = (top: number, view: TallView): number => Math.max(0, Math.min(mostTop(view), top));

/** The first row in view, with its fraction, after the element scrolled from one offset to another. */
export const scrolledTop = (top: number, from: number, to: number, view: TallView): number => {
  if (!isTall(view)) return within(to / view.rowHeight, view);
  if (to <= 0) return 0;
  if (to >= mostScroll(view) - 1) return mostTop(view);
  const moved = to - from;
  return Math.abs(moved) <= NEAR_VIEWS * view.viewHeight
    ? within(top + moved / view.rowHeight, view)
    : (to / mostScroll(view)) * mostTop(view);
};

/** Where the element is scrolled to when `top` is the first row in view and nothing moves. */
export const restingScroll = (top: number, view: TallView): number =>
  isTall(view) ? (within(top, view) / mostTop(view)) * mostScroll(view) : within(top, view) * view.rowHeight;

/** The first row in view that shows `index` with the least movement. */
export const revealingTop = (top: number, index: number, view: TallView): number => {
  const whole = Math.max(1, view.viewHeight / view.rowHeight);
  if (index < top) return within(index, view);
  return index + 1 > top + whole ? within(index + 1 - whole, view) : top;
};
