import type { Live } from '../platform/live.ts';

/** Why a command cannot be given now; null when the relay answered last time. Edits of documents need no relay. */
export const commandBlock = (followed: Live<unknown>): string | null =>
  followed.problem?.type === 'unreachable' ? 'The relay cannot be reached: this has to wait for it.' : null;
