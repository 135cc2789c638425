import './part-words.ts';
import type { JSX } from 'preact';
import { Segments } from '../ui/segments.tsx';
import type { EventStore } from './event-store.ts';
import type { RaceInfo } from './public-body.ts';
import type { RowWindow } from './row-window.ts';
import { say } from './words.ts';

export interface GroupFiltersProps {
  readonly store: EventStore;
  readonly race: RaceInfo;
  readonly rows: RowWindow | null;
}

const SEXES = ['F', 'M', 'X'] as const;

const Sexes = (props: { readonly store: EventStore; readonly rows: RowWindow | null }): JSX.Element | null => {
  const { view } = props.store;
  const { sex } = view.value;
  const seen = new Set([sex, ...(props.rows?.rows ?? []).map((it) => it.sex)]);
  if (!SEXES.some((it) => seen.has(it))) return null;
  const offered = SEXES.filter((it) => it !== 'X' || seen.has('X'));
  return (
    <Segments
      name="sex"
      legend={say('sex')}
      hideLegend
      choices={[{ value: '', label: say('overall') }, ...offered.map((it) => ({ value: it, label: say(it) }))]}
      value={sex ?? ''}
      onChange={(value) => props.store.go({ sex: value === '' ? null : value })}
    />
  );
};

const Categories = (props: { readonly store: EventStore; readonly race: RaceInfo }): JSX.Element | null => {
  const { store, race } = props;
  if (race.categories.length === 0) return null;
  return (
    <div class="filter">
      <label class="visually-hidden" for="category">
        {say('category')}
      </label>
      <select
        id="category"
        value={store.view.value.category ?? ''}
        onChange={(event) => store.go({ category: event.currentTarget.value || null })}
      >
        <option value="">{say('allCategories')}</option>
        {race.categories.map((it) => (
          <option key={it.categoryId} value={it.categoryId}>
            {it.name}
          </option>
        ))}
      </select>
    </div>
  );
};

/** Results of one category, or of one sex. */
export const GroupFilters = (props: GroupFiltersProps): JSX.Element => (
  <>
    <Categories store={props.store} race={props.race} />
    <Sexes store={props.store} rows={props.rows} />
  </>
);
