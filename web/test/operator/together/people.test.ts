import type { Present, Said } from '@baton/client-core';
import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { editingWords, editorsAt, initialsOf, peopleOf } from '../../../src/operator/together/people.ts';
import { createPresenceStore } from '../../../src/operator/together/presence-store.ts';
import { stepAsked } from '../../../src/operator/together/shortcut.ts';

const page = (clientId: number, name: string | null, more: Partial<Present> = {}): Present => ({
  clientId,
  user: name === null ? null : { name, role: 'operator' },
  view: 'races',
  editing: null,
  ...more,
});
const self = { name: 'Ada', role: 'operator' };

describe('who is here', () => {
  it('shows a person in two tabs once, oneself elsewhere as such, and pages without a name each', () => {
    const people = peopleOf(
      [
        page(1, 'Ben', { editing: ['races', 'r', 'name'] }),
        page(2, 'Ben', { view: 'streams' }),
        page(3, 'Ada'),
        page(4, null),
        page(5, null),
      ],
      self,
    );
    expect(people.map((it) => [it.name, it.isSelf])).toEqual([
      ['Ada', true],
      ['Ben', false],
      ['Somebody', false],
      ['Somebody', false],
    ]);
    expect(people[1]).toMatchObject({ views: ['races', 'streams'], editing: [['races', 'r', 'name']], initials: 'BE' });
    expect(peopleOf([], self)).toEqual([]);
  });

  it('finds who is at an entry, or at a part of it', () => {
    const people = peopleOf([page(1, 'Ben', { editing: ['races', 'r', 'points', 'f'] })], self);
    expect(editorsAt(people, ['races', 'r', 'points']).map((it) => it.name)).toEqual(['Ben']);
    expect(editorsAt(people, ['races', 'r', 'name'])).toEqual([]);
    expect(editorsAt(people, ['races', 'other'])).toEqual([]);
  });

  it('says it in a few words', () => {
    const people = (...names: string[]) =>
      peopleOf(
        names.map((name, at) => page(at, name)),
        self,
      );
    expect(editingWords(people('Ben'))).toBe('Ben is editing');
    expect(editingWords(people('Ben', 'Cleo'))).toBe('Ben and Cleo are editing');
    expect(editingWords(people('Ben', 'Cleo', 'Dan'))).toBe('3 people are editing');
    expect(editingWords(people('Ada'))).toBe('You, elsewhere, are editing');
  });

  it('makes initials of any name', () => {
    expect(['Ada Lovelace', 'operator', ' x ', '', '𝒜𝒷c', 'a b c'].map(initialsOf)).toEqual([
      'AL',
      'OP',
      'X',
      '',
      '𝒜𝒷',
      'AB',
    ]);
  });
});

it('tells others which part is open, and no longer where the focus was in the one before', () => {
  const said: Partial<Said>[] = [];
  const view = signal('races');
  const store = createPresenceStore({ others: signal([]), say: (it) => said.push(it) }, self, view);
  store.setEditing(['rules', 'minLapMs']);
  view.value = 'streams';
  store.close();
  view.value = 'event';
  expect(said).toEqual([
    { view: 'races', editing: null },
    { editing: ['rules', 'minLapMs'] },
    { view: 'streams', editing: null },
  ]);
});

it('knows the keys of undo and redo on any keyboard', () => {
  const press = (key: string, mods: string) =>
    stepAsked({
      key,
      ctrlKey: mods.includes('c'),
      metaKey: mods.includes('m'),
      shiftKey: mods.includes('s'),
      altKey: mods.includes('a'),
    });
  expect([press('z', 'c'), press('z', 'm'), press('Z', 'cs'), press('Z', 'ms'), press('y', 'c')]).toEqual([
    'undo',
    'undo',
    'redo',
    'redo',
    'redo',
  ]);
  for (const [key, mods] of [
    ['z', ''],
    ['z', 'ca'],
    ['z', 'cm'],
    ['y', 'm'],
    ['y', 'cs'],
    ['x', 'c'],
  ] as const) {
    expect(press(key, mods)).toBeNull();
  }
});
