import type { CommandSpec } from '@baton/schema/command';
import { archiveCommand, eventExportCommand, eventImportCommand } from './archive-commands.ts';
import { backupCommand } from './backup-command.ts';
import { deadLettersDropCommand, deadLettersListCommand, deadLettersRetryCommand } from './dead-letters-command.ts';
import { emulateCommand } from './emulate-command.ts';
import { eventCreateCommand, eventListCommand, eventStatusCommand } from './event-commands.ts';
import { exportCommand } from './export-command.ts';
import { forwardCommand } from './forward-command.ts';
import { receiveCommand } from './receive-command.ts';
import { rosterImportCommand } from './roster-command.ts';
import { tokenCreateCommand, tokenListCommand, tokenRevokeCommand } from './token-commands.ts';
import { watchCommand } from './watch-command.ts';

/**
 * Subcommands of `baton` that this package brings, in the order in which help lists them. What a command does is
 * loaded when it runs: help, a wrong option and every other command start without it.
 */
export const nodeCommands: readonly CommandSpec[] = [
  forwardCommand,
  receiveCommand,
  watchCommand,
  deadLettersListCommand,
  deadLettersRetryCommand,
  deadLettersDropCommand,
  emulateCommand,
  eventCreateCommand,
  eventListCommand,
  eventStatusCommand,
  eventExportCommand,
  eventImportCommand,
  rosterImportCommand,
  tokenCreateCommand,
  tokenListCommand,
  tokenRevokeCommand,
  exportCommand,
  backupCommand,
  archiveCommand,
];
