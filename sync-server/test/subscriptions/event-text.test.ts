import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventText } from '../../src/subscriptions/event-text.ts';
import type { EventPayload } from '../../src/subscriptions/live-message.ts';
import type { Doc } from '../../src/subscriptions/shelf.ts';

const document = fc.dictionary(fc.string(), fc.jsonValue()).map(
  (row) =>
    ({
      ...row,
      id: 'results/r/1',
      collection: 'results',
      version: 1,
      updatedAt: 1,
      createdAt: 1,
      deleted: false,
    }) as Doc,
);

it('an event’s text is what JSON would make of it, whatever it holds', () => {
  const payload: fc.Arbitrary<EventPayload> = fc.record({
    subId: fc.string(),
    delta: fc.record(
      { type: fc.constantFrom('create', 'update', 'delete'), id: fc.string(), document, timestamp: fc.nat() },
      { requiredKeys: ['type', 'id', 'timestamp'] },
    ),
    place: fc.string(),
  });
  fc.assert(
    fc.property(payload, (it) => {
      expect(JSON.parse(eventText(it))).toEqual(JSON.parse(JSON.stringify(it)));
    }),
  );
});
