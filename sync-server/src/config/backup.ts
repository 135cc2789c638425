import type { OptionSpec, OptionValues } from '@baton/schema/command';
import { integer, text, UsageError } from '@baton/schema/command';

export interface BackupConfig {
  readonly directory: string;
  readonly everyMs: number;
  /** So many stay; the oldest go. */
  readonly keep: number;
}

export const BACKUP_OPTIONS: readonly OptionSpec[] = [
  { name: 'backup-dir', value: 'DIR', help: 'make backups by itself, each in a directory of its own in this one' },
  { name: 'backup-every-hours', value: 'N', help: 'how often, with --backup-dir', default: '24' },
  { name: 'backup-keep', value: 'K', help: 'so many of these backups stay, with --backup-dir', default: '7' },
];

const HOUR_MS = 3_600_000;

/** Null: backups are made by whoever asks for one. */
export const backupConfigOf = (options: OptionValues): BackupConfig | null => {
  const directory = text(options, 'backup-dir');
  const hours = integer(options, 'backup-every-hours', 1, 24 * 366) ?? 24;
  const keep = integer(options, 'backup-keep', 1, 10_000) ?? 7;
  if (directory === undefined) return null;
  if (directory === '') throw new UsageError('--backup-dir: a directory is required');
  return { directory, everyMs: hours * HOUR_MS, keep };
};
