import { EMPTY_SETUP, type Race, type Setup } from '@baton/schema/doc';
import { CreateEvent, type EventBody, EventStatus, PatchEvent } from '@baton/schema/http';
import { EventId, PointId, RaceId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import { changeNotes, changesOf, createBody, draftOf, draftProblems } from '../../src/operator/event-draft.ts';
import { SEEN, stepNotes } from '../../src/operator/lifecycle.ts';
import { commandBlock } from '../../src/operator/relay-reach.ts';
import { WAITING } from '../../src/platform/live.ts';
import { aStream } from './a-stream.ts';

const event: EventBody = {
  eventId: EventId.parse('e'),
  title: 'Harbour run',
  date: '2026-05-17',
  timezone: 'Europe/Paris',
  location: null,
  status: 'draft',
  statusChangedAt: 1,
  minClientVersion: null,
  createdAt: 1,
};
const draft = draftOf(event);
const race = (name: string, startAt: string | null, points: Race['points'] = []): Race => ({
  raceId: RaceId.parse(name),
  name,
  startAt,
  points,
  categories: [],
});
const withRaces = (...races: readonly Race[]): Setup => ({
  ...EMPTY_SETUP,
  races: new Map(races.map((it) => [it.raceId, it])),
});

describe('an event’s form', () => {
  it('says of each field what was expected', () => {
    expect(draftProblems(draft)).toEqual({});
    expect(
      Object.keys(draftProblems({ title: ' ', date: '2026-02-30', timezone: 'Paris', location: 'x'.repeat(201) })),
    ).toEqual(['title', 'date', 'timezone', 'location']);
    expect(draftProblems({ ...draft, timezone: '' }).timezone).toMatch(/such as Europe\/Paris/);
  });

  it('sends what the relay takes, and of an event that exists only what differs', () => {
    const filled = { ...draft, title: ' Night run ', location: ' Pier 4 ' };
    expect(CreateEvent.parse(createBody(filled))).toEqual({
      title: 'Night run',
      date: '2026-05-17',
      timezone: 'Europe/Paris',
      location: 'Pier 4',
    });
    expect(createBody(draft)).not.toHaveProperty('location');
    expect(PatchEvent.parse(changesOf(event, filled))).toEqual({ title: 'Night run', location: 'Pier 4' });
    expect(changesOf({ ...event, location: 'Pier 4' }, draft)).toEqual({ location: null });
    expect(changesOf(event, { ...draft, title: ' Harbour run ' })).toEqual({});
  });

  it('says what another day or zone does to the starts', () => {
    const setup = withRaces(
      race('wall', '2026-05-17T10:00'),
      race('zoned', '2026-05-17T10:00:00Z'),
      race('none', null),
    );
    expect(changeNotes({ timezone: 'UTC' }, setup, event)).toEqual([
      'Starts keep their time of day, now in UTC: wall.',
    ]);
    expect(changeNotes({ date: '2026-05-18' }, setup, event)).toEqual([
      'Starts keep their day, which is another one: wall, zoned.',
    ]);
    expect(changeNotes({ date: '2026-05-17' }, setup, event)).toEqual([]);
    expect(changeNotes({ title: 'x' }, setup, event)).toEqual([]);
  });
});

describe('a step of an event’s life', () => {
  const start = [{ pointId: PointId.parse('s'), name: 'Start', kind: 'start' as const }];

  it('tells what may have been forgotten, and refuses nothing', () => {
    expect(stepNotes('startlist', EMPTY_SETUP, null)).toEqual(['The event has no race yet.']);
    expect(stepNotes('draft', EMPTY_SETUP, null)).toEqual([]);
    const setup: Setup = {
      ...withRaces(race('ten', null), race('five', null, start), race('two', '2026-05-17T10:00')),
      epochRaces: new Map([[pairKey(aStream('box.a').streamId, 1), RaceId.parse('ten')]]),
    };
    expect(stepNotes('running', setup, [aStream('box.a')])).toEqual([
      'No start yet, so no times: ten.',
      'No stream is assigned to: five, two.',
    ]);
    expect(stepNotes('running', setup, null)).toEqual(['No start yet, so no times: ten.']);
    expect(stepNotes('finished', setup, null)).toEqual([]);
    expect(stepNotes('official', setup, null)[0]).toMatch(/what is official stays as it is/);
  });

  it('has words for every status', () => {
    for (const status of EventStatus.options) expect(SEEN[status]).toMatch(/see/);
  });
});

it('holds commands back only while the relay gives no answer', () => {
  expect(commandBlock(WAITING)).toBeNull();
  expect(commandBlock({ ...WAITING, problem: { type: 'unreachable' } })).toMatch(/cannot be reached/);
  const refused = { type: 'refused', status: 429, code: 'RATE_LIMITED', message: 'slow down' } as const;
  expect(commandBlock({ ...WAITING, problem: refused })).toBeNull();
});
