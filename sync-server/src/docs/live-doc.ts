import type { Refusal } from '@baton/schema/errors';
import type { Log, Timers } from '@baton/schema/ports';
import * as Y from 'yjs';
import type { Store } from '../storage/store.ts';
import { type PreparedFrame, prepareFrame } from '../transport/prepared-frame.ts';
import type { CompactionBounds } from './compaction-decision.ts';
import { createDocAnswers, type DocAnswers } from './doc-answers.ts';
import type { EndOfUse } from './doc-compactor.ts';
import { loadInTurns } from './doc-loading.ts';
import { createDocWriter } from './doc-writer.ts';
import { encodeStep1, syncHead } from './frames.ts';
import { type JoinedDeps, joinedTask } from './gate/joined-steps.ts';
import type { Task, WorkTurns } from './gate/work-turns.ts';

export interface LiveDocDeps {
  readonly store: Pick<Store, 'loadDoc' | 'appendDoc' | 'compactDoc'>;
  readonly name: string;
  readonly turns: WorkTurns;
  readonly timers: Timers;
  readonly compaction: CompactionBounds;
  readonly log: Log;
  /** What changed, as the document itself tells it, in a frame for all; `origin` is who made the change. */
  readonly onUpdate: (frame: PreparedFrame, origin: unknown) => void;
  /** Memory is ahead of the disk, and this copy must be given up. */
  readonly onBroken: (why: Refusal) => void;
  readonly onFailure: (message: string) => void;
}

/** A document in memory whose every change goes to disk. */
export interface LiveDoc {
  readonly doc: Y.Doc;
  /** Checks each of a sender's untrusted updates, then applies it, as a task of steps; a bad one changes nothing. */
  readonly take: (sender: Omit<JoinedDeps, 'doc' | 'limits' | 'transact'>) => Task;
  /** What a peer with this state vector lacks. */
  readonly answer: DocAnswers['to'];
  readonly stateVector: () => Uint8Array;
  /** Asks for all that the document lacks: one frame for everybody until it changes. */
  readonly step1: () => PreparedFrame;
  /** Everything changed so far is on disk (null), or will never be. */
  readonly settled: () => Promise<Refusal | null>;
  readonly drained: () => Promise<void>;
  readonly isIdle: () => boolean;
  /** Lets go: later changes of `doc` go nowhere. */
  readonly detach: (how: EndOfUse) => void;
}

/** Loads all of a document before anybody sees any of it. */
export const openLiveDoc = async (deps: LiveDocDeps): Promise<LiveDoc> => {
  const updates = await deps.store.loadDoc(deps.name);
  // overwritten values stay: they are the history, and what conflicts are told from
  const doc = new Y.Doc({ gc: false });
  await loadInTurns(doc, updates, deps.turns);
  const writer = createDocWriter({ ...deps, stored: updates.map(({ length }) => length) });
  const answers = createDocAnswers({ doc, turns: deps.turns });
  let step1: PreparedFrame | null = null;
  const onUpdate = (update: Uint8Array, origin: unknown): void => {
    const frame = prepareFrame(syncHead('update', update.length), update);
    step1 = null;
    answers.changed(frame);
    writer.write(update);
    deps.onUpdate(frame, origin);
  };
  doc.on('update', onUpdate);

  return {
    doc,
    take: (sender) => joinedTask({ ...sender, doc, transact: (run) => Y.transact(doc, run, sender.origin, false) }),
    answer: answers.to,
    stateVector: () => Y.encodeStateVector(doc),
    step1: () => {
      step1 ??= prepareFrame(encodeStep1(Y.encodeStateVector(doc)));
      return step1;
    },
    settled: writer.settled,
    drained: writer.drained,
    isIdle: writer.isIdle,
    detach: (how) => {
      doc.off('update', onUpdate);
      writer.end(how);
    },
  };
};
