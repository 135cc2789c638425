import { recordsLogDocs } from './0001-records-log-docs.ts';
import { attachments } from './0002-attachments.ts';
import { eventFacts } from './0003-event-facts.ts';
import { rowChecks } from './0004-row-checks.ts';
import { sizesAndDayUses } from './0005-sizes-and-day-uses.ts';
import type { Migration } from './migration.ts';

/** Every step of the data layout, oldest first. */
export const MIGRATIONS: readonly Migration[] = [recordsLogDocs, attachments, eventFacts, rowChecks, sizesAndDayUses];
