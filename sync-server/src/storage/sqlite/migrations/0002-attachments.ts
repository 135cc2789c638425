import type { Migration } from './migration.ts';

/**
 * Which node is attached to which event. The partial unique index is the rule itself: of any number of sessions that
 * attach one node at once, in whatever order they looked, one gets its place; also where an old row is used again.
 */
export const attachments: Migration = {
  version: 2,
  name: 'attachments of nodes',
  sql: `
    CREATE TABLE attachments (
      node_id TEXT NOT NULL,
      event_id TEXT NOT NULL,
      attachment_id TEXT NOT NULL,
      role TEXT NOT NULL,
      label TEXT,
      client_version TEXT NOT NULL,
      capabilities TEXT NOT NULL,
      declared INTEGER NOT NULL,
      standing TEXT NOT NULL CHECK (standing IN ('attached', 'detached', 'revoked')),
      attaches INTEGER NOT NULL,
      attached_at INTEGER NOT NULL,
      PRIMARY KEY (node_id, event_id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX attachments_one_place ON attachments (node_id) WHERE standing = 'attached';
  `,
};
