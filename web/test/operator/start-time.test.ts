import { StartAt } from '@baton/schema/doc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasZone, parseClock, startFields, startNow, startText } from '../../src/operator/start-time.ts';

const PARIS = 'Europe/Paris';

describe('a time of day', () => {
  it.each([
    ['9:05', '09:05:00'],
    ['10:00:03', '10:00:03'],
    [' 10:00:03.25 ', '10:00:03.25'],
    ['10:00:03,5', '10:00:03.5'],
    ['10.00.03', '10:00:03'],
    ['10:00:03.500', '10:00:03.5'],
    ['23:59:59.999', '23:59:59.999'],
  ])('%s is %s', (text, clock) => expect(parseClock(text)).toBe(clock));

  it.each(['', '10', '24:00', '10:60', '10:00:60', '10:00 PM', '10:00:03.1234', '1e1:00', '10:0', '-1:00', '10:00:'])(
    '%s is none',
    (text) => expect(parseClock(text)).toBeNull(),
  );
});

describe('a gun start', () => {
  it('shows on the event’s wall what is stored, with a zone or without', () => {
    expect(startFields(null, PARIS)).toBeNull();
    expect(startFields('2026-05-17T09:00', PARIS)).toEqual({ day: '2026-05-17', clock: '09:00:00' });
    expect(startFields('2026-05-17T09:00:00.25', PARIS)).toEqual({ day: '2026-05-17', clock: '09:00:00.25' });
    expect(startFields('2026-05-17T22:30:00Z', PARIS)).toEqual({ day: '2026-05-18', clock: '00:30:00' });
    expect(startFields('2026-05-17T09:00:00-07:00', PARIS)).toEqual({ day: '2026-05-17', clock: '18:00:00' });
    expect([hasZone('2026-05-17T09:00:00Z'), hasZone('2026-05-17T09:00:00'), hasZone(null)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('of this moment is in the event’s zone, winter and summer, cut to hundredths', () => {
    expect(startText(startNow(Date.UTC(2026, 6, 1, 8, 0, 3, 459), PARIS))).toBe('2026-07-01T10:00:03.45');
    expect(startText(startNow(Date.UTC(2026, 0, 1, 23, 30), PARIS))).toBe('2026-01-02T00:30:00');
    expect(startText(startNow(Date.UTC(2026, 0, 1, 0, 0, 0, 20), 'Asia/Kathmandu'))).toBe('2026-01-01T05:45:00.02');
  });

  it('is always one that the document takes, and reads back the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) }),
        fc.constantFrom(PARIS, 'UTC', 'America/St_Johns', 'Pacific/Chatham'),
        (now, zone) => {
          const fields = startNow(now, zone);
          expect(StartAt.safeParse(startText(fields)).success).toBe(true);
          expect(startFields(startText(fields), zone)).toEqual(fields);
        },
      ),
    );
  });
});
