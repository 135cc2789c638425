import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyValue } from '../../src/platform/key-value.ts';
import { COOL_DOWN_MS, type Followed, NOTHING_TOLD, newsSince, type Told } from '../../src/spectator/favourite-news.ts';
import { createFavourites, MAX_FAVOURITES } from '../../src/spectator/favourites.ts';
import type { ResultRow } from '../../src/spectator/public-body.ts';

const createStorage = (isFull = false): KeyValue & { readonly held: Map<string, string> } => {
  const held = new Map<string, string>();
  return {
    held,
    get: (key) => held.get(key) ?? null,
    set: (key, value) => {
      if (!isFull) held.set(key, value);
      return !isFull;
    },
    remove: (key) => {
      held.delete(key);
    },
  };
};

const ada = { raceId: 'r', bib: '7', name: 'Ada' };

describe('favourites', () => {
  it('stay on the device, for their event', () => {
    const storage = createStorage();
    expect(createFavourites(storage, 'e').toggle(ada)).toBe('added');
    const again = createFavourites(storage, 'e');
    expect(again.all.value).toEqual([ada]);
    expect(again.has('r', '7')).toBe(true);
    expect(createFavourites(storage, 'other').all.value).toEqual([]);
    expect(again.toggle(ada)).toBe('removed');
    expect(createFavourites(storage, 'e').all.value).toEqual([]);
  });

  it('are no more than somebody can follow', () => {
    const favourites = createFavourites(createStorage(), 'e');
    for (let bib = 0; bib < MAX_FAVOURITES; bib++) favourites.toggle({ ...ada, bib: String(bib) });
    expect(favourites.toggle({ ...ada, bib: 'more' })).toBe('full');
    expect(favourites.all.value).toHaveLength(MAX_FAVOURITES);
  });

  it('last as long as the page where the browser keeps nothing, and say so', () => {
    const favourites = createFavourites(createStorage(true), 'e');
    expect(favourites.toggle(ada)).toBe('added');
    expect(favourites.has('r', '7')).toBe(true);
    expect(favourites.isKept.value).toBe(false);
  });

  it('of many events are forgotten, the oldest first', () => {
    const storage = createStorage();
    for (let event = 0; event < 60; event++) createFavourites(storage, `e${event}`).toggle(ada);
    expect(storage.held.size).toBeLessThan(30);
    expect(createFavourites(storage, 'e59').all.value).toEqual([ada]);
  });

  it('take whatever was stored, and read only what is theirs', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(`[${'9'.repeat(50_000)}]`)), (text) => {
        const storage = createStorage();
        storage.set('baton.favourites.e', text);
        storage.set('baton.favourites', text);
        const favourites = createFavourites(storage, 'e');
        favourites.toggle(ada);
        expect(favourites.has('r', '7')).toBe(true);
      }),
    );
  });
});

const row = (fields: Partial<ResultRow>): ResultRow => ({
  raceId: 'r',
  bib: '7',
  name: 'Ada',
  club: null,
  category: null,
  sex: null,
  status: null,
  rank: null,
  categoryRank: null,
  sexRank: null,
  gunMs: null,
  chipMs: null,
  behindMs: null,
  splits: [],
  updatedAt: 1,
  ...fields,
});

const STARTED = [row({})];
const FINISHED = [row({ rank: 3, gunMs: 9 })];

const createListener = () => {
  let told: Told = NOTHING_TOLD;
  return (rows: Followed['rows'], at = 0, status: 'running' | 'finished' | 'official' = 'running') => {
    const since = newsSince(told, { status, followed: [{ key: 'r 7', name: 'Ada', rows }], at });
    told = since.told;
    return since.news.map((it) => it.type);
  };
};

describe('news of favourites', () => {
  it('are: started, finished, official', () => {
    const tell = createListener();
    expect(tell(null)).toEqual([]);
    expect(tell([])).toEqual([]);
    expect(tell(STARTED)).toEqual(['started']);
    expect(tell(STARTED)).toEqual([]);
    expect(tell(FINISHED)).toEqual(['finished']);
    expect(tell(FINISHED, 1, 'finished')).toEqual([]);
    expect(tell(FINISHED, 2, 'official')).toEqual(['official']);
    expect(tell(FINISHED, 3, 'official')).toEqual([]);
  });

  it('are nothing that was so when somebody began to follow', () => {
    expect(createListener()(FINISHED, 0, 'official')).toEqual([]);
    const tell = createListener();
    tell(null, 0);
    expect(tell(FINISHED, 1)).toEqual([]);
  });

  it('of a time that is taken back and given again are told once in a while', () => {
    const tell = createListener();
    tell(STARTED, 0);
    expect(tell(FINISHED, 1)).toEqual(['finished']);
    expect(tell([row({ status: 'DSQ' })], 2)).toEqual([]);
    expect(tell(FINISHED, 3)).toEqual([]);
    tell(STARTED, 4);
    expect(tell(FINISHED, COOL_DOWN_MS + 1)).toEqual(['finished']);
  });
});
