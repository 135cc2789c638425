import type { RaceId, StreamId } from '@baton/schema/ids';
import type { Selection } from '@baton/schema/selection';

/** What is chosen on the page, also while it is not yet a whole selection. */
export interface SelectionDraft {
  readonly mode: 'race' | 'manual';
  /** Null: no race chosen yet. */
  readonly raceId: RaceId | null;
  readonly epochScope: 'all' | 'current';
  readonly streams: ReadonlySet<StreamId>;
}

export const EMPTY_DRAFT: SelectionDraft = { mode: 'race', raceId: null, epochScope: 'all', streams: new Set() };

/** The selection that the draft means; null while it is not whole. */
export const selectionOf = (draft: SelectionDraft): Selection | null => {
  if (draft.mode === 'manual') return { mode: 'manual', streams: [...draft.streams].sort() };
  return draft.raceId === null ? null : { mode: 'race', raceId: draft.raceId, epochScope: draft.epochScope };
};

/** The draft that shows a selection; what the other mode had is kept for going back to it. */
export const showSelection = (before: SelectionDraft, selection: Selection): SelectionDraft => {
  if (selection.mode === 'race') {
    return { ...before, mode: 'race', raceId: selection.raceId, epochScope: selection.epochScope };
  }
  // nothing selected at all is how a receiver begins: the race picker is what it then wants, with no race in it
  const mode = selection.streams.length === 0 && before.raceId === null ? before.mode : 'manual';
  return { ...before, mode, streams: new Set(selection.streams) };
};

export const toggleStream = (draft: SelectionDraft, streamId: StreamId): SelectionDraft => {
  const streams = new Set(draft.streams);
  if (!streams.delete(streamId)) streams.add(streamId);
  return { ...draft, streams };
};
