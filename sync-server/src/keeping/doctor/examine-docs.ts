import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import * as Y from 'yjs';
import type { Notes } from './findings.ts';

const updateDefect = (doc: Y.Doc, { crc, bytes }: { readonly crc: number; readonly bytes: Buffer }): string | null => {
  if (crc32(bytes) !== crc) return 'its checksum does not fit';
  try {
    Y.applyUpdate(doc, bytes);
    return null;
  } catch (error) {
    return `it does not decode: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** Every update is whole, and each document can be built of its own. */
export const examineDocs = (db: Database, notes: Notes): void => {
  const names = db.prepare<[], { ref: number; name: string }>('SELECT doc_ref AS ref, name FROM docs ORDER BY name');
  const updates = db.prepare<[number], { ref: number; crc: number; bytes: Buffer }>(
    'SELECT update_ref AS ref, crc, bytes FROM doc_updates WHERE doc_ref = ? ORDER BY update_ref',
  );
  for (const { ref, name } of names.all()) {
    const doc = new Y.Doc({ gc: false });
    for (const row of updates.iterate(ref)) {
      notes.count('doc_updates');
      const message = updateDefect(doc, row);
      if (message !== null) notes.note({ table: 'doc_updates', where: `${name}, update ${row.ref}`, message });
    }
    doc.destroy();
  }
};

export const examineFacts = (db: Database, notes: Notes): void => {
  const facts = db.prepare<[], { event: string; kind: string; key: string; crc: number; bytes: Buffer }>(
    'SELECT event_id AS event, kind, key, crc, bytes FROM event_facts',
  );
  for (const { event, kind, key, crc, bytes } of facts.iterate()) {
    notes.count('event_facts');
    if (crc32(bytes) === crc) continue;
    notes.note({ table: 'event_facts', where: `${event} ${kind} ${key}`, message: 'its checksum does not fit' });
  }
};
