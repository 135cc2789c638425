import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

/**
 * Loaded into a relay before its own modules (`--import`): it may not put its main thread before others, as when somebody without
 * any privilege starts it by hand.
 */
os.setPriority = (): never => {
  throw new Error('EACCES: this benchmark does not allow it');
};
syncBuiltinESMExports();
