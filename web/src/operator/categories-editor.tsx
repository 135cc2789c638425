import type { Category, Race } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { EditableText } from '../ui/editable-text.tsx';
import { useFocusLater } from '../ui/focus-later.ts';
import { NoteList } from '../ui/note-list.tsx';
import { AgeGroupsForm } from './age-groups-form.tsx';
import {
  addCategories,
  changeCategory,
  missingGroups,
  moveCategory,
  type NewCategory,
  removeCategory,
} from './category-edit.ts';
import { AgeField, SexSelect } from './category-fields.tsx';
import { categoryNotes } from './category-notes.ts';
import { NewCategoryForm } from './new-category.tsx';

type EditCategories = (change: (categories: readonly Category[]) => readonly Category[]) => void;

/** An id in the page: a category's own may hold blanks. */
const domId = (race: Race, categoryId: string, part: string): string =>
  `${race.raceId}-category-${encodeURIComponent(categoryId)}-${part}`;

const CategoryActions = (props: {
  readonly race: Race;
  readonly category: Category;
  readonly at: number;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}): JSX.Element => {
  const { race, category, at } = props;
  const id = (part: string): string => domId(race, category.categoryId, part);
  return (
    <span class="point-actions">
      <button
        type="button"
        id={id('up')}
        class="button button-small button-icon"
        aria-label={`Move category ${category.name} up`}
        disabled={at === 0}
        onClick={() => props.onMove(-1)}
      >
        ↑
      </button>
      <button
        type="button"
        id={id('down')}
        class="button button-small button-icon"
        aria-label={`Move category ${category.name} down`}
        disabled={at === race.categories.length - 1}
        onClick={() => props.onMove(1)}
      >
        ↓
      </button>
      <button
        type="button"
        id={id('remove')}
        class="button button-small button-icon"
        aria-label={`Remove category ${category.name}`}
        onClick={props.onRemove}
      >
        ×
      </button>
    </span>
  );
};

const CategoryLine = (props: {
  readonly race: Race;
  readonly category: Category;
  readonly at: number;
  readonly onEdit: EditCategories;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}): JSX.Element => {
  const { race, category, onEdit } = props;
  const change = (fields: Partial<NewCategory>): void =>
    onEdit((categories) => changeCategory(categories, category.categoryId, fields));
  const id = (part: string): string => domId(race, category.categoryId, part);
  return (
    <li
      class="category-line compact"
      onKeyDown={(event) => {
        if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
        event.preventDefault();
        props.onMove(event.key === 'ArrowUp' ? -1 : 1);
      }}
    >
      <EditableText
        id={id('name')}
        label={`Name of category ${props.at + 1}`}
        hideLabel
        required
        value={category.name}
        onCommit={(name) => change({ name })}
      />
      <SexSelect
        id={id('sex')}
        label={`Sex of ${category.name}`}
        value={category.sex}
        onChange={(sex) => change({ sex })}
      />
      <AgeField
        id={id('from')}
        label={`Youngest age of ${category.name}`}
        placeholder="from"
        value={category.ageFrom}
        onChange={(ageFrom) => change({ ageFrom })}
      />
      <AgeField
        id={id('to')}
        label={`Oldest age of ${category.name}`}
        placeholder="to"
        value={category.ageTo}
        onChange={(ageTo) => change({ ageTo })}
      />
      <CategoryActions {...props} />
    </li>
  );
};

/** A race's categories in the order in which they are tried: a participant counts in the first that fits. */
export const CategoriesEditor = (props: { readonly race: Race; readonly onEdit: EditCategories }): JSX.Element => {
  const { race, onEdit } = props;
  const { categories } = race;
  const focusLater = useFocusLater();
  const said = useSignal('');
  const idOf = (category: Category | undefined, part: string): string =>
    domId(race, category?.categoryId ?? 'none', part);
  const move = (category: Category, at: number, by: -1 | 1): void => {
    const to = at + by;
    if (to < 0 || to >= categories.length) return;
    onEdit((list) => moveCategory(list, category.categoryId, by));
    said.value = `${category.name} is now category ${to + 1} of ${categories.length}.`;
    focusLater(document.activeElement?.id ?? '', idOf(category, by < 0 ? 'down' : 'up'));
  };
  const remove = (category: Category, at: number): void => {
    onEdit((list) => removeCategory(list, category.categoryId));
    focusLater(idOf(categories[at + 1] ?? categories[at - 1], 'remove'), `${race.raceId}-new-category`);
  };
  return (
    <div class="stack">
      <p class="small muted">
        By sex and the age reached in the year of the race. Who fits several counts in the first; a category written in
        the roster goes before all of them.
      </p>
      <NoteList label={`Notes on the categories of ${race.name}`} notes={categoryNotes(categories)} />
      <ol class="plain categories">
        {categories.map((category, at) => (
          <CategoryLine
            key={category.categoryId}
            race={race}
            category={category}
            at={at}
            onEdit={onEdit}
            onMove={(by) => move(category, at, by)}
            onRemove={() => remove(category, at)}
          />
        ))}
      </ol>
      <span class="visually-hidden" aria-live="polite">
        {said.value}
      </span>
      <NewCategoryForm
        race={race}
        onAdd={(category) => {
          onEdit((list) => addCategories(list, [category]));
          focusLater(`${race.raceId}-new-category`);
        }}
      />
      <AgeGroupsForm
        id={`${race.raceId}-groups`}
        categories={categories}
        onAdd={(groups) => {
          onEdit((list) => addCategories(list, missingGroups(groups, list)));
          said.value = 'The age groups are added.';
        }}
      />
    </div>
  );
};
