import type { Refusal } from '@baton/schema/errors';
import { err, ok, type Result } from '@baton/schema/result';
import * as Y from 'yjs';
import type { Store } from '../storage/store.ts';
import { loadInTurns } from './doc-loading.ts';
import { createDocWriter } from './doc-writer.ts';
import type { BadFrame } from './frames.ts';
import type { Steps } from './gate/scan.ts';
import { type UpdateDeps, type UpdateKind, type UpdateOutcome, updateSteps } from './gate/update-steps.ts';
import type { WorkTurns } from './gate/work-turns.ts';

export interface LiveDocDeps {
  readonly store: Pick<Store, 'loadDoc' | 'appendDoc' | 'compactDoc'>;
  readonly name: string;
  readonly turns: WorkTurns;
  readonly compactAfter: number;
  /** What changed, as the document itself tells it; `origin` is who made the change. */
  readonly onUpdate: (update: Uint8Array, origin: unknown) => void;
  /** Memory is ahead of the disk, and this copy must be given up. */
  readonly onBroken: (why: Refusal) => void;
  readonly onFailure: (message: string) => void;
}

/** A document in memory whose every change goes to disk. */
export interface LiveDoc {
  readonly doc: Y.Doc;
  /** Checks an untrusted update, then applies it, in steps; a bad one changes nothing. */
  readonly take: (
    update: Uint8Array,
    kind: UpdateKind,
    sender: Pick<UpdateDeps, 'origin' | 'isForeign' | 'mayWalk'>,
  ) => Steps<UpdateOutcome>;
  /** What a peer with this (untrusted) state vector lacks. */
  readonly diff: (stateVector: Uint8Array) => Result<Uint8Array, BadFrame>;
  readonly stateVector: () => Uint8Array;
  /** Everything changed so far is on disk (null), or will never be. */
  readonly settled: () => Promise<Refusal | null>;
  readonly drained: () => Promise<void>;
  readonly isIdle: () => boolean;
  /** Lets go: later changes of `doc` go nowhere. */
  readonly detach: () => void;
}

const EMPTY_STATE_VECTOR = 1;
const MAX_STATE_VECTOR_BYTES = 256 * 1024;

const badFrame = (error: unknown): Result<never, BadFrame> =>
  err({ type: 'bad-frame', message: error instanceof Error ? error.message : String(error) });

/** One encoding of the whole for all who join with nothing, kept until the document changes. */
const createDiffs = (doc: Y.Doc): { readonly of: LiveDoc['diff']; readonly changed: () => void } => {
  let whole: Uint8Array | null = null;
  return {
    of: (stateVector) => {
      if (stateVector.length > MAX_STATE_VECTOR_BYTES) return badFrame('the state vector is too long');
      try {
        if (stateVector.length > EMPTY_STATE_VECTOR) return ok(Y.encodeStateAsUpdate(doc, stateVector));
        whole ??= Y.encodeStateAsUpdate(doc);
        return ok(whole);
      } catch (error) {
        return badFrame(error);
      }
    },
    changed: () => {
      whole = null;
    },
  };
};

/** Loads all of a document before anybody sees any of it. */
export const openLiveDoc = async (deps: LiveDocDeps): Promise<LiveDoc> => {
  const updates = await deps.store.loadDoc(deps.name);
  const doc = new Y.Doc();
  await loadInTurns(doc, updates, deps.turns);
  const writer = createDocWriter({ ...deps, stored: updates.length, encodeState: () => Y.encodeStateAsUpdate(doc) });
  const diffs = createDiffs(doc);
  const onUpdate = (update: Uint8Array, origin: unknown): void => {
    diffs.changed();
    writer.write(update);
    deps.onUpdate(update, origin);
  };
  doc.on('update', onUpdate);

  return {
    doc,
    take: (update, kind, sender) => updateSteps(update, kind, { ...sender, doc }),
    diff: diffs.of,
    stateVector: () => Y.encodeStateVector(doc),
    settled: writer.settled,
    drained: writer.drained,
    isIdle: writer.isIdle,
    detach: () => doc.off('update', onUpdate),
  };
};
