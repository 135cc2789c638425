import type { Category, Race } from '@baton/schema/doc';
import type { JSX } from 'preact';
import { EditableText } from '../ui/editable-text.tsx';
import { changeCategory, type NewCategory } from './category-edit.ts';
import { AgeField, SexSelect } from './category-fields.tsx';
import { ItemActions } from './item-actions.tsx';
import { moveByKey } from './list-moves.ts';

export type EditCategories = (change: (categories: readonly Category[]) => readonly Category[]) => void;

/** The id in the page of a part of a category's line; the category's own may hold blanks. */
export const categoryDomId = (race: Race, { categoryId }: Category, part: string): string =>
  `${race.raceId}-category-${encodeURIComponent(categoryId)}-${part}`;

/** One category of a race. */
export const CategoryLine = (props: {
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
  const id = (part: string): string => categoryDomId(race, category, part);
  return (
    <li class="category-line compact" onKeyDown={moveByKey(props.onMove)}>
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
      <ItemActions
        id={id}
        name={`category ${category.name}`}
        isFirst={props.at === 0}
        isLast={props.at === race.categories.length - 1}
        onMove={props.onMove}
        onRemove={props.onRemove}
      />
    </li>
  );
};
