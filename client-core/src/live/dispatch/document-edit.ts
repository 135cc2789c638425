import { type Author, editAs } from '@baton/schema/doc';
import type { Timers } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import type * as Y from 'yjs';
import { z } from 'zod';
import type { FollowDoc, FollowedClient } from '../../doc/doc-client.ts';
import { type Dispatcher, type DispatchFailure, dispatchFailed, done } from '../dispatcher.ts';

/**
 * A change of a document, by the functions of `@baton/schema/doc`. It must come to the same when it comes again, and judges its
 * arguments itself: null when done, else what it expected.
 */
export type DocumentEdit = (doc: Y.Doc, args: unknown) => string | null;

export interface DocumentEditOptions {
  /** As `/docs/<name>` calls it. */
  readonly document: string;
  /** By the names that commands call them. */
  readonly edits: Readonly<Record<string, DocumentEdit>>;
  /** Who signs the edits in the history; left out for what is no part of it. */
  readonly sign?: () => Author;
  /** Longest wait until the relay has it on disk, in ms. 15 s by default. */
  readonly savedMs?: number;
}

/** What such a command asks for. */
export const DocumentEditPayload = z.object({ edit: z.string(), args: z.unknown() });

export interface DocumentEditor {
  readonly dispatch: Dispatcher;
  readonly close: () => void;
}

const SAVED_MS = 15_000;

type Waited = 'so' | 'late' | 'refused' | 'ended';

/** Waits for the document until it is so, the relay refuses it for good, or it takes too long. */
const waitFor = (
  timers: Timers,
  client: FollowedClient,
  isSo: () => boolean,
  ms: number,
  signal: AbortSignal,
): Promise<Waited> =>
  new Promise((resolve) => {
    const end = (outcome: Waited): void => {
      timer.clear();
      stop();
      signal.removeEventListener('abort', abort);
      resolve(outcome);
    };
    const look = (): void => {
      if (isSo()) end('so');
      else if (client.link().type === 'refused') end('refused');
    };
    const abort = (): void => end('ended');
    const timer = timers.after(ms, () => end('late'));
    const stop = client.onChange(look);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else look();
  });

/** Edits of one document, which is opened with the first of them. A command is done when the relay has the edit on its disk. */
export const createDocumentEdit = (
  deps: { readonly timers: Timers; readonly followDoc: FollowDoc },
  options: DocumentEditOptions,
): DocumentEditor => {
  const { document, savedMs = SAVED_MS, sign } = options;
  const edits = new Map(Object.entries(options.edits));
  let client: FollowedClient | null = null;

  const failure = (outcome: Exclude<Waited, 'so'>, of: FollowedClient): Result<never, DispatchFailure> => {
    const link = of.link();
    if (outcome === 'refused')
      return dispatchFailed(`the relay refuses ${document}: ${link.type === 'refused' ? link.reason : ''}`, false);
    const why = outcome === 'ended' ? 'before the process ended' : `within ${savedMs} ms`;
    return dispatchFailed(`the relay has not saved an edit of ${document} ${why} (the link is ${link.type})`, true);
  };

  const apply = (doc: Y.Doc, edit: DocumentEdit, args: unknown): string | null => {
    if (sign === undefined) return edit(doc, args);
    let problem: string | null = null;
    const change = (): void => {
      problem = edit(doc, args);
    };
    editAs(doc, sign(), change);
    return problem;
  };

  const dispatch: Dispatcher = async ({ type, payload }, signal) => {
    const parsed = DocumentEditPayload.safeParse(payload);
    const edit = edits.get(parsed.success ? parsed.data.edit : '');
    if (!parsed.success || edit === undefined)
      return dispatchFailed(`${type} needs {edit, args} with an edit of ${[...edits.keys()].join(', ')}`, false);
    client ??= deps.followDoc(document);
    const mine = client;
    const loaded = await waitFor(deps.timers, mine, mine.isLoaded, savedMs, signal);
    if (loaded !== 'so') return failure(loaded, mine);
    const problem = apply(mine.doc, edit, parsed.data.args);
    if (problem !== null) return dispatchFailed(`${type} ${parsed.data.edit}: ${problem}`, false);
    const saved = await waitFor(deps.timers, mine, () => !mine.link().unsaved, savedMs, signal);
    return saved === 'so' ? done : failure(saved, mine);
  };

  return { dispatch, close: () => client?.close() };
};
