import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  heightOf,
  MOST_PIXELS,
  restingScroll,
  revealingTop,
  scrolledTop,
  type TallView,
} from '../../src/ui/tall-scroll.ts';

const few: TallView = { count: 1000, rowHeight: 36, viewHeight: 720 };
const many: TallView = { count: 1_000_000, rowHeight: 36, viewHeight: 720 };
const mostScroll = MOST_PIXELS - many.viewHeight;
const mostTop = many.count - 20;

describe('a list that fits', () => {
  it('is scrolled as the element is', () => {
    expect(heightOf(few)).toBe(36_000);
    expect(scrolledTop(0, 0, 360, few)).toBe(10);
    expect(restingScroll(10, few)).toBe(360);
    expect(scrolledTop(10, 360, 99_999, few)).toBe(980);
  });
});

describe('a list with more rows than there are pixels', () => {
  it('is no taller than browsers can make it, and moves by the pixel where one scrolls', () => {
    expect(heightOf(many)).toBe(MOST_PIXELS);
    expect(scrolledTop(500_000, 4_000_000, 4_000_036, many)).toBeCloseTo(500_001);
    expect(scrolledTop(500_000, 4_000_000, 3_999_280, many)).toBeCloseTo(499_980);
  });

  it('jumps in proportion where the thumb of the bar is dragged', () => {
    expect(scrolledTop(0, 0, mostScroll / 2, many)).toBeCloseTo(mostTop / 2);
  });

  it('begins and ends with its first and last row, however one got there', () => {
    expect(scrolledTop(3, 20, 0, many)).toBe(0);
    expect(scrolledTop(999_000, mostScroll - 30, mostScroll, many)).toBe(mostTop);
  });

  it('rests where a jump to the same place leads', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: mostTop, noNaN: true }), (top) => {
        const rest = restingScroll(top, many);
        expect(rest).toBeGreaterThanOrEqual(0);
        expect(rest).toBeLessThanOrEqual(mostScroll);
        const far = rest > mostScroll / 2 ? 0 : mostScroll;
        if (rest > 0 && rest < mostScroll - 1) expect(scrolledTop(0, far, rest, many)).toBeCloseTo(top, 3);
      }),
    );
  });
});

it('reveals a row with the least movement', () => {
  expect(revealingTop(10, 5, few)).toBe(5);
  expect(revealingTop(10, 15, few)).toBe(10);
  expect(revealingTop(10, 40, few)).toBe(21);
  expect(revealingTop(0, 999_999, many)).toBe(mostTop);
});
