import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

const LAST = 19;

/**
 * Puts this process, with the threads it has and those it will have, behind all others wherever cores are short: what it plays
 * then does not lengthen the turns of the program that is measured. Its children stand there, too.
 */
export const standBehind = (): void => {
  if (process.platform !== 'linux') return setPriority(LAST);
  // on Linux niceness is a thread's, and a process's is that of its first
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), LAST);
};
