import type { Refusal } from '@baton/schema/errors';
import type { Log } from '@baton/schema/ports';
import { err, type Result } from '@baton/schema/result';
import * as Y from 'yjs';
import type { Store } from '../storage/store.ts';
import { createDocAnswers, type DocAnswers } from './doc-answers.ts';
import { createDocWriter } from './doc-writer.ts';
import type { BadFrame } from './frames.ts';
import { checkUpdate, type UpdateFacts } from './update-gate.ts';

export interface LiveDocDeps {
  readonly store: Pick<Store, 'loadDoc' | 'appendDoc' | 'compactDoc'>;
  readonly name: string;
  readonly compactAfter: number;
  readonly log: Log;
  /** What changed, as the document itself tells it; `origin` is who made the change. */
  readonly onUpdate: (update: Uint8Array, origin: unknown) => void;
  /** Memory is ahead of the disk, and this copy must be given up. */
  readonly onBroken: (why: Refusal) => void;
  readonly onFailure: (message: string) => void;
}

/** A document in memory whose every change goes to disk. */
export interface LiveDoc {
  readonly doc: Y.Doc;
  /** Checks an untrusted update, then applies it; a bad one changes nothing. */
  readonly apply: (update: Uint8Array, origin: unknown) => Result<UpdateFacts, BadFrame>;
  /** What a peer with this (untrusted) state vector lacks, as a frame. */
  readonly answer: DocAnswers['to'];
  readonly stateVector: () => Uint8Array;
  /** Everything changed so far is on disk (null), or will never be. */
  readonly settled: () => Promise<Refusal | null>;
  readonly drained: () => Promise<void>;
  readonly isIdle: () => boolean;
  /** Lets go: later changes of `doc` go nowhere. */
  readonly detach: () => void;
}

const badFrame = (error: unknown): Result<never, BadFrame> =>
  err({ type: 'bad-frame', message: error instanceof Error ? error.message : String(error) });

const applyAll = (doc: Y.Doc, updates: readonly Uint8Array[]): void => {
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
};

/** Loads all of a document before anybody sees any of it. */
export const openLiveDoc = async (deps: LiveDocDeps): Promise<LiveDoc> => {
  const updates = await deps.store.loadDoc(deps.name);
  // overwritten values stay: they are the history, and what conflicts are told from
  const doc = new Y.Doc({ gc: false });
  applyAll(doc, updates);
  const writer = createDocWriter({ ...deps, stored: updates.map(({ length }) => length) });
  const answers = createDocAnswers(doc);
  const onUpdate = (update: Uint8Array, origin: unknown): void => {
    answers.changed();
    writer.write(update);
    deps.onUpdate(update, origin);
  };
  doc.on('update', onUpdate);

  return {
    doc,
    apply: (update, origin) => {
      const facts = checkUpdate(update, (client) => Y.getState(doc.store, client));
      if (!facts.ok || facts.value.empty) return facts;
      try {
        Y.applyUpdate(doc, update, origin);
      } catch (error) {
        // what was integrated before it threw has been stored and told like any other change
        return badFrame(error);
      }
      return facts;
    },
    answer: answers.to,
    stateVector: () => Y.encodeStateVector(doc),
    settled: writer.settled,
    drained: writer.drained,
    isIdle: writer.isIdle,
    detach: () => doc.off('update', onUpdate),
  };
};
