import type { CommandSpec } from '@baton/schema/command';
import { emulateCommand } from './emulate.ts';
import { forwardCommand } from './forward.ts';

/** Subcommands of `baton` that this package brings, in the order in which help lists them. */
export const nodeCommands: readonly CommandSpec[] = [forwardCommand, emulateCommand];
