import { type Checkpoint, encodeCheckpoint } from './checkpoint.ts';
import type { StateCodec } from './consumer.ts';
import type { Unsaved } from './runner.ts';

interface Owner<S> {
  readonly name: string;
  readonly version: string;
  readonly codec?: StateCodec<S>;
}

/** Knows whether a consumer has changed since its last checkpoint. */
export interface UnsavedState {
  readonly changed: () => void;
  readonly take: () => Unsaved | null;
}

/** @param isSaved whether the state is that of a checkpoint now */
export const trackUnsaved = <S>(owner: Owner<S>, now: () => Checkpoint<S>, isSaved: boolean): UnsavedState => {
  let version = 0;
  let savedVersion = isSaved ? 0 : -1;
  return {
    changed: () => {
      version++;
    },
    take: () => {
      if (version === savedVersion) return null;
      const taken = version;
      const saved = (): void => {
        savedVersion = taken;
      };
      return { text: encodeCheckpoint(owner, now()), saved };
    },
  };
};
