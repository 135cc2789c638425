import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventText, snapshotText } from '../../src/subscriptions/event-text.ts';
import type { EventPayload, SnapshotPayload } from '../../src/subscriptions/live-message.ts';
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

it('a snapshot’s text holds its documents as they are, and its place only where it has one', () => {
  const payload = fc.record(
    { subId: fc.string(), documents: fc.array(document), complete: fc.boolean(), place: fc.string() },
    { requiredKeys: ['subId', 'documents', 'complete'] },
  );
  fc.assert(
    fc.property(payload, (it) => {
      const packed: SnapshotPayload = { ...it, documents: it.documents.map((doc) => JSON.stringify(doc)) };
      expect(JSON.parse(snapshotText(packed))).toEqual(JSON.parse(JSON.stringify(it)));
    }),
  );
});
