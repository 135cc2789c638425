import type { Log } from '@baton/schema/ports';
import { err, type Result } from '@baton/schema/result';
import type { DatabaseDirectory } from './database-directory.ts';
import { type Broken, type PgliteThread, startPgliteThread, type ThreadDeps } from './pglite-thread.ts';

export interface SoundDeps extends ThreadDeps {
  readonly log: Log;
  readonly directory: DatabaseDirectory;
}

/** Opens what is there; when that fails, or `fresh` is asked for, sets it aside and makes a new one. */
export const openSound = async (deps: SoundDeps, fresh: boolean): Promise<Result<PgliteThread, Broken>> => {
  const { log, directory } = deps;
  const start = (plain: boolean) => startPgliteThread(deps, { directory: directory.path, plain });
  if (!fresh) {
    const opened = await start(false);
    if (opened.ok) return marked(directory, opened);
    if (opened.error.busy === true) return opened;
    if (await directory.isFull()) return full(opened.error, await directory.isSound());
    log.warn('the replica cannot be used: it is set aside and pulled again', { reason: opened.error.message });
  }
  await directory.setAside();
  const made = await start(!fresh);
  if (made.ok) return marked(directory, made);
  await directory.dropSetAside(); // it may be the space that is missing
  return made;
};

/** What lacks space is not damaged: it is worth more than an empty one that would lack it, too. */
const full = ({ message }: Broken, sound: boolean): Result<never, Broken> => {
  const kept = sound ? ' to open what is kept there, which stays' : '';
  return err({ type: 'broken', damaged: false, full: sound, message: `too little space is left${kept} (${message})` });
};

const marked = async <T>(directory: DatabaseDirectory, opened: T): Promise<T> => {
  await directory.markSound();
  return opened;
};
