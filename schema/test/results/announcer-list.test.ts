import { describe, expect, it } from 'vitest';
import { announcerList } from '../../src/results/index.ts';
import {
  chipOf,
  createReads,
  finishA,
  finishB,
  half,
  otherRaceId,
  raceId,
  rosterOf,
  runner,
  setupOf,
} from './race-fixture.ts';

const source = { setup: setupOf(), roster: rosterOf([runner('1'), runner('2'), runner('3', { raceId: null })]) };

describe('[RT-43] announcer list', () => {
  it('tells of the first read of each runner, newest first', () => {
    const read = createReads();
    const reads = [
      read(finishA, chipOf('1'), 10),
      read(finishA, chipOf('2'), 20),
      read(finishB, chipOf('1'), 30),
      read(finishA, chipOf('1', 1), 40),
      read(finishA, chipOf('2'), 50),
    ];
    const rows = announcerList(source, reads, 25);
    expect(rows.map((it) => it.bib)).toEqual(['2', '1']);
    expect(rows[0]).toEqual({ bib: '2', name: 'Ada N2', raceId, at: Date.UTC(2026, 2, 6, 9, 0, 20) });
    expect(announcerList(source, [...reads].reverse(), 25)).toEqual(rows);
  });

  it('keeps to its limit', () => {
    const read = createReads();
    const reads = ['1', '2', '3'].map((bib, index) => read(finishA, chipOf(bib), index));
    expect(announcerList(source, reads, 2).map((it) => it.bib)).toEqual(['3', '2']);
  });

  it('keeps the newest of many, in whatever order they came', () => {
    const read = createReads();
    const reads = Array.from({ length: 6000 }, (_, index) => read(finishA, `chip ${index}`, (index * 7919) % 6000));
    const newest = announcerList(source, reads, 100).map(({ at }) => at);
    const all = reads.map(({ receivedAt }) => receivedAt).sort((a, b) => b - a);
    expect(newest).toEqual(all.slice(0, 100));
  });

  it('names nobody’s chip as unknown, and no chip, reader or forwarder anywhere', () => {
    const read = createReads();
    const reads = [
      read(finishA, 'ffff00000001', 1),
      read(finishA, null, 2),
      read(half, 'ffff00000002', 3, { epoch: 7 }),
    ];
    const rows = announcerList(source, reads, 25);
    expect(rows.map(({ bib, name, raceId: race }) => [bib, name, race])).toEqual([
      [null, 'Unknown', null],
      [null, 'Unknown', raceId],
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/ffff|box-/);
  });

  it('takes the race of the runner before the race of the mat', () => {
    const read = createReads();
    const roster = rosterOf([runner('1', { raceId: otherRaceId })]);
    expect(announcerList({ ...source, roster }, [read(finishA, chipOf('1'), 1)], 1)[0]?.raceId).toBe(otherRaceId);
  });
});
