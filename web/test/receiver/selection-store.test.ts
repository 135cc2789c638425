import type { DocLink } from '@baton/client-core';
import { readSelection, writeSelection } from '@baton/schema/doc';
import { RaceId, StreamId } from '@baton/schema/ids';
import type { Selection } from '@baton/schema/selection';
import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { EMPTY_DRAFT, selectionOf, showSelection, toggleStream } from '../../src/receiver/selection-draft.ts';
import { createSelectionStore } from '../../src/receiver/selection-store.ts';

const raceId = RaceId.parse('ten');
const [a, b] = [StreamId.parse('mat-1.a'), StreamId.parse('mat-1.b')];
const race: Selection = { mode: 'race', raceId, epochScope: 'current' };
const nothing: Selection = { mode: 'manual', streams: [] };

const open = (content?: string) => {
  const kept = new Map<string, string>(content === undefined ? [] : [['k', content]]);
  const doc = new Y.Doc();
  const loaded = signal(false);
  const store = createSelectionStore({
    followed: {
      doc,
      link: signal<DocLink>({ type: 'connecting', unsaved: false, keeping: { type: 'none' } }),
      loaded,
      close: () => {},
    },
    storage: {
      get: (key) => kept.get(key) ?? null,
      set: (key, value) => {
        kept.set(key, value);
        return true;
      },
      remove: (key) => {
        kept.delete(key);
      },
    },
    key: 'k',
  });
  return { store, doc, loaded, kept: () => JSON.parse(kept.get('k') ?? 'null') };
};

/** What the relay has arrives. */
const receive = (doc: Y.Doc, selection: Selection): void => {
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  writeSelection(other, selection);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
};

describe('a receiver’s selection', () => {
  it('[RT-26] is kept on the device and in the document', () => {
    const { store, doc, kept } = open();
    store.choose({ ...EMPTY_DRAFT, raceId, epochScope: 'current' });
    expect(store.selection.value).toEqual(race);
    expect(kept()).toEqual(race);
    expect(readSelection(doc)).toEqual(race);
  });

  it('[RT-26] is there again after a restart, before the relay has answered', () => {
    const { store } = open(JSON.stringify(race));
    expect(store.selection.value).toEqual(race);
    expect(store.draft.value).toMatchObject({ mode: 'race', raceId, epochScope: 'current' });
  });

  it('[RT-26] tells the document what the device had kept, where the document knows nothing', () => {
    const { doc, loaded } = open(JSON.stringify(race));
    expect(readSelection(doc)).toEqual(nothing);
    loaded.value = true;
    expect(readSelection(doc)).toEqual(race);
  });

  it('follows an operator who changes it elsewhere', () => {
    const { store, doc, loaded, kept } = open(JSON.stringify(race));
    receive(doc, { mode: 'manual', streams: [b] });
    loaded.value = true;
    expect(store.selection.value).toEqual({ mode: 'manual', streams: [b] });
    expect(store.draft.value.mode).toBe('manual');
    expect(kept()).toEqual({ mode: 'manual', streams: [b] });
  });

  it('selects nothing from what it cannot read', () => {
    for (const content of ['{', '"x"', '{"mode":"race","raceId":"","epochScope":"all"}']) {
      expect(open(content).store.selection.value).toEqual(nothing);
    }
  });

  it('[RT-28] changes nothing until what is chosen is whole', () => {
    const { store } = open(JSON.stringify({ mode: 'manual', streams: [a] }));
    store.choose({ ...store.draft.value, mode: 'race' });
    expect(store.selection.value).toEqual({ mode: 'manual', streams: [a] });
    store.choose({ ...store.draft.value, raceId });
    expect(store.selection.value).toEqual({ mode: 'race', raceId, epochScope: 'all' });
  });

  it('[RT-28] takes what was chosen in another tab as it is, also that it is nothing', () => {
    const { store, doc } = open(JSON.stringify(race));
    store.select(nothing);
    expect(store.selection.value).toEqual(nothing);
    expect(readSelection(doc)).toEqual(nothing);
    expect(selectionOf(store.draft.value)).toEqual(nothing);
  });
});

describe('a selection beside the session of another tab', () => {
  const other: Selection = { mode: 'race', raceId: RaceId.parse('five'), epochScope: 'all' };

  it('[RT-28] is what that one follows, before the document has come', () => {
    const { store, doc, kept } = open();
    store.follow(race);
    expect(store.draft.value).toMatchObject({ mode: 'race', raceId, epochScope: 'current' });
    expect(kept()).toEqual(race);
    expect(readSelection(doc)).toEqual(nothing);
    store.follow(other);
    expect(store.selection.value).toEqual(other);
  });

  it('[RT-28] stays what was chosen here while the session has not heard of it', () => {
    const { store } = open(JSON.stringify(race));
    const between: Selection = { mode: 'manual', streams: [a] };
    store.choose({ ...store.draft.value, mode: 'manual', streams: new Set([a]) });
    store.choose({ ...store.draft.value, mode: 'manual', streams: new Set([a, b]) });
    for (const followed of [race, between]) {
      store.follow(followed);
      expect(store.selection.value).toEqual({ mode: 'manual', streams: [a, b] });
    }
    store.follow({ mode: 'manual', streams: [a, b] });
    store.follow(other);
    expect(store.selection.value).toEqual(other);
  });

  it('is the document’s where that has another one than the session knows', () => {
    const { store, doc } = open(JSON.stringify(race));
    receive(doc, other);
    store.follow(race);
    expect(store.selection.value).toEqual(other);
  });
});

describe('the draft of a selection', () => {
  it('is a selection once whole, streams in one order', () => {
    expect(selectionOf(EMPTY_DRAFT)).toBeNull();
    const draft = toggleStream(toggleStream({ ...EMPTY_DRAFT, mode: 'manual' }, b), a);
    expect(selectionOf(draft)).toEqual({ mode: 'manual', streams: [a, b] });
    expect(selectionOf(toggleStream(draft, a))).toEqual({ mode: 'manual', streams: [b] });
  });

  it('keeps what the other mode had', () => {
    const draft = showSelection({ ...EMPTY_DRAFT, streams: new Set([a]) }, race);
    expect(draft).toMatchObject({ mode: 'race', raceId });
    expect([...draft.streams]).toEqual([a]);
    expect(showSelection(draft, { mode: 'manual', streams: [b] })).toMatchObject({ mode: 'manual', raceId });
  });

  it('shows no race where nothing is selected', () => {
    expect(showSelection(EMPTY_DRAFT, nothing).mode).toBe('race');
    expect(selectionOf(showSelection(showSelection(EMPTY_DRAFT, race), nothing))).toEqual(nothing);
  });
});
