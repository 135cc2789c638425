import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const setPriority = os.setPriority;

/**
 * Loaded into a relay before its own modules (`--import`): it may not put a thread before others, as when somebody without any
 * privilege starts it by hand. To put one behind others is allowed to everybody.
 */
os.setPriority = (thread: number, niceness?: number): void => {
  const [of, asked] = niceness === undefined ? [0, thread] : [thread, niceness];
  if (asked < os.getPriority(of)) throw new Error('EACCES: this benchmark does not allow it');
  setPriority(of, asked);
};
syncBuiltinESMExports();
