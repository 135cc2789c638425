import { crc32 } from 'node:zlib';
import type { EventId } from '@baton/schema/ids';
import type { Database } from 'better-sqlite3';
import type { EventFact, FactKind } from '../records.ts';
import { DamagedRowError } from './batch-rows.ts';

export interface FactRows {
  readonly put: (fact: EventFact) => void;
  /** By key. */
  readonly load: (eventId: EventId, kind: FactKind) => readonly EventFact[];
  readonly removeOfEvent: (eventId: EventId) => void;
}

interface Row {
  readonly key: string;
  readonly crc: number;
  readonly bytes: Uint8Array;
}

export const createFactRows = (db: Database): FactRows => {
  const put = db.prepare(
    `INSERT INTO event_facts (event_id, kind, key, crc, bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (event_id, kind, key) DO UPDATE SET crc = excluded.crc, bytes = excluded.bytes`,
  );
  const ofKind = db.prepare<[EventId, FactKind], Row>(
    'SELECT key, crc, bytes FROM event_facts WHERE event_id = ? AND kind = ? ORDER BY key',
  );
  const removeOfEvent = db.prepare('DELETE FROM event_facts WHERE event_id = ?');
  return {
    put: ({ eventId, kind, key, bytes }) => {
      put.run(eventId, kind, key, crc32(bytes), bytes);
    },
    load: (eventId, kind) =>
      ofKind.all(eventId, kind).map(({ key, crc, bytes }) => {
        if (crc32(bytes) !== crc)
          throw new DamagedRowError(`a stored fact is damaged: event ${eventId}, ${kind} ${key}`);
        return { eventId, kind, key, bytes };
      }),
    removeOfEvent: (eventId) => {
      removeOfEvent.run(eventId);
    },
  };
};
