import { EMPTY_SETUP, type Setup } from '@baton/schema/doc';
import { RaceId, StreamId } from '@baton/schema/ids';
import { expect, it } from 'vitest';
import { warningText } from '../../src/receiver/warning-words.ts';

const [ten, five] = [RaceId.parse('ten'), RaceId.parse('five')];
const streamId = StreamId.parse('mat-1.finish');
const race = (raceId: RaceId, name: string) =>
  [raceId, { raceId, name, startAt: null, points: [], categories: [] }] as const;
const setup: Setup = {
  ...EMPTY_SETUP,
  races: new Map([race(ten, '10 km'), race(five, '5 km')]),
  streamLabels: new Map([[streamId, 'Finish left']]),
};
const message = 'with ids';

it('[RT-17][RT-22] warns in the names that people gave', () => {
  expect(warningText({ type: 'no-current-epoch-mapped', raceId: ten, message }, setup)).toContain(
    'assigned to “10 km”',
  );
  expect(
    warningText(
      { type: 'forwarder-race-differs', streamId, epoch: 3, epochRaceId: ten, forwarderRaceId: five, message },
      setup,
    ),
  ).toContain('Epoch 3 of “Finish left” is assigned to “10 km”, but its forwarder stands at “5 km”');
});

it('falls back to the id where nobody gave a name', () => {
  expect(warningText({ type: 'unknown-race', raceId: 'gone', message }, setup)).toContain('“gone”');
  expect(warningText({ type: 'unknown-stream', streamId, message }, EMPTY_SETUP)).toContain('“mat-1.finish”');
});

it('leaves a refused session to its own notice', () => {
  expect(warningText({ type: 'refused', message }, setup)).toBeNull();
});
