import type { CommandSpec } from '@baton/schema/command';
import { emulateCommand } from './emulate.ts';
import { eventCreateCommand, eventListCommand, eventStatusCommand } from './event.ts';
import { exportCommand } from './export.ts';
import { forwardCommand } from './forward.ts';
import { receiveCommand } from './receive.ts';
import { rosterImportCommand } from './roster.ts';
import { tokenCreateCommand, tokenListCommand, tokenRevokeCommand } from './token.ts';

/** Subcommands of `baton` that this package brings, in the order in which help lists them. */
export const nodeCommands: readonly CommandSpec[] = [
  forwardCommand,
  receiveCommand,
  emulateCommand,
  eventCreateCommand,
  eventListCommand,
  eventStatusCommand,
  rosterImportCommand,
  tokenCreateCommand,
  tokenListCommand,
  tokenRevokeCommand,
  exportCommand,
];
