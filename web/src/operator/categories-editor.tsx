import type { Race } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { NoteList } from '../ui/note-list.tsx';
import { AgeGroupsForm } from './age-groups-form.tsx';
import { addCategories, missingGroups, moveCategory, removeCategory } from './category-edit.ts';
import { CategoryLine, categoryDomId, type EditCategories } from './category-line.tsx';
import { categoryNotes } from './category-notes.ts';
import { useListMoves } from './list-moves.ts';
import { NewCategoryForm } from './new-category.tsx';

/** A race's categories in the order in which they are tried: a participant counts in the first that fits. */
export const CategoriesEditor = (props: { readonly race: Race; readonly onEdit: EditCategories }): JSX.Element => {
  const { race, onEdit } = props;
  const { categories } = race;
  const { move, remove, said } = useListMoves({
    items: categories,
    idOf: (category, part) => categoryDomId(race, category, part),
    newId: `${race.raceId}-new-category`,
    onMove: ({ categoryId }, by) => onEdit((list) => moveCategory(list, categoryId, by)),
    onRemove: ({ categoryId }) => onEdit((list) => removeCategory(list, categoryId)),
  });
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
            onMove={(by) => move(category, by)}
            onRemove={() => remove(category)}
          />
        ))}
      </ol>
      <span class="visually-hidden" aria-live="polite">
        {said.value}
      </span>
      <NewCategoryForm race={race} onAdd={(category) => onEdit((list) => addCategories(list, [category]))} />
      <AgeGroupsForm
        id={`${race.raceId}-groups`}
        categories={categories}
        onAdd={(groups) => onEdit((list) => addCategories(list, missingGroups(groups, list)))}
      />
    </div>
  );
};
