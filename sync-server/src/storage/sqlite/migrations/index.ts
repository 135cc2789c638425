import { recordsLogDocs } from './0001-records-log-docs.ts';
import { attachments } from './0002-attachments.ts';
import type { Migration } from './migration.ts';

/** Every step of the data layout, oldest first. */
export const MIGRATIONS: readonly Migration[] = [recordsLogDocs, attachments];
