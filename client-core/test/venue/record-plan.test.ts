import type { EventStatus } from '@baton/schema/http';
import { describe, expect, it } from 'vitest';
import { planRecord, type SharedRecord } from '../../src/venue/record-plan.ts';

const record = (change: Partial<SharedRecord> = {}): SharedRecord => ({
  title: 'Spring Run',
  date: '2026-04-12',
  timezone: 'Europe/Vienna',
  location: null,
  status: 'running',
  minClientVersion: null,
  ...change,
});

const plan = (
  here: Partial<SharedRecord>,
  there: Partial<SharedRecord>,
  last: Partial<SharedRecord> | null = {},
  isInStep = true,
) => planRecord({ here: record(here), there: record(there) }, last === null ? null : record(last), isInStep);

const NOTHING = { words: null, statuses: [], floor: null };

describe('the record of an event at two relays', () => {
  it('stays where it is the same', () => {
    expect(plan({}, {}, null)).toEqual({ here: NOTHING, there: NOTHING });
  });

  it('is changed by field, whoever changed it; where both did, the relay elsewhere has the word', () => {
    const { here, there } = plan({ title: 'Tent', location: 'Quay' }, { title: 'Far', date: '2026-04-13' });
    expect(here.words).toEqual({ title: 'Far', date: '2026-04-13' });
    expect(there.words).toEqual({ location: 'Quay' });
    expect(plan({ title: 'Tent' }, {}, null).here.words).toEqual({ title: 'Spring Run' });
  });

  it.each<[EventStatus, EventStatus, EventStatus | null, readonly EventStatus[], readonly EventStatus[]]>([
    ['running', 'draft', 'draft', [], ['startlist', 'running']],
    ['draft', 'finished', 'draft', ['startlist', 'running', 'finished'], []],
    // taken back on one side is a change like any other
    ['running', 'finished', 'finished', [], ['running']],
    ['startlist', 'draft', 'startlist', ['draft'], []],
    // both moved, or nothing is known of before: the one that is further
    ['running', 'finished', 'startlist', ['finished'], []],
    ['running', 'startlist', null, [], ['running']],
    // nothing leads from official to anywhere
    ['official', 'running', 'official', [], ['finished', 'official']],
    // there is no way back to the start list once a race runs
    ['startlist', 'running', 'running', [], []],
  ])('[CN-23] %s here and %s there, after %s: %j and %j', (here, there, last, toHere, toThere) => {
    const planned = plan({ status: here }, { status: there }, last === null ? null : { status: last });
    expect([planned.here.statuses, planned.there.statuses]).toEqual([toHere, toThere]);
  });

  it('becomes official only once both sides hold the same', () => {
    expect(plan({ status: 'official' }, {}, {}, false)).toEqual({ here: NOTHING, there: NOTHING });
    expect(plan({ status: 'official' }, {}, {}, true).there.statuses).toEqual(['finished', 'official']);
  });

  it('has the higher version floor, by number', () => {
    expect(plan({ minClientVersion: '1.9' }, { minClientVersion: '1.10' })).toMatchObject({
      here: { floor: '1.10' },
      there: { floor: null },
    });
    expect(plan({ minClientVersion: '2.0' }, {}).there.floor).toBe('2.0');
  });
});
