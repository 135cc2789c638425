import * as Y from 'yjs';
import { type GateLimits, NO_LIMITS } from './gate/limits.ts';
import type { Steps } from './gate/scan.ts';
import { updateSteps } from './gate/update-steps.ts';
import type { WorkTurns } from './gate/work-turns.ts';

/** Up to here, one update is one piece of work. */
const SMALL_BYTES = 16 * 1024;

const isForeign = (): boolean => false;

const costOf = (update: Uint8Array): number => 500 + update.length;

function* applyStored(doc: Y.Doc, updates: readonly Uint8Array[], limits: GateLimits): Steps<void> {
  for (const update of updates) {
    const steps =
      update.length > SMALL_BYTES ? updateSteps(update, 'update', { doc, origin: null, isForeign, limits }) : null;
    const outcome = steps === null ? null : yield* steps;
    // what an earlier version let in is as good as the rest: it is on disk, and others have it
    if (outcome?.type !== 'applied') Y.applyUpdate(doc, update);
    yield costOf(update);
  }
}

/** Builds a document from what is stored, in turns that it shares with everybody else's work. */
export const loadInTurns = (doc: Y.Doc, updates: readonly Uint8Array[], turns: WorkTurns): Promise<void> =>
  new Promise((resolve, reject) => {
    const steps = applyStored(doc, updates, NO_LIMITS);
    turns.start(() => {
      try {
        const step = steps.next();
        if (step.done !== true) return step.value;
        resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
      return null;
    });
  });
