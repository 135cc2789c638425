import './part-words.ts';
import type { JSX } from 'preact';
import type { EventStore } from './event-store.ts';
import type { RaceInfo } from './public-body.ts';
import { groupOf, groupValue, sexesOf } from './row-group.ts';
import type { RowWindow } from './row-window.ts';
import { say } from './words.ts';

export interface GroupFiltersProps {
  readonly store: EventStore;
  readonly race: RaceInfo;
  readonly rows: RowWindow | null;
}

/** Results of everybody, of one sex, or of one category. */
export const GroupFilters = (props: GroupFiltersProps): JSX.Element | null => {
  const { store, race } = props;
  const view = store.view.value;
  const sexes = sexesOf(view.sex, props.rows?.rows ?? []);
  if (race.categories.length === 0 && sexes.length === 0) return null;
  return (
    <div class="filter">
      <label class="visually-hidden" for="group">
        {say('group')}
      </label>
      <select id="group" value={groupValue(view)} onChange={(event) => store.go(groupOf(event.currentTarget.value))}>
        <option value="">{say('overall')}</option>
        {sexes.length === 0 ? null : (
          <optgroup label={say('sex')}>
            {sexes.map((it) => (
              <option key={it} value={groupValue({ sex: it, category: null })}>
                {say(it)}
              </option>
            ))}
          </optgroup>
        )}
        {race.categories.length === 0 ? null : (
          <optgroup label={say('category')}>
            {race.categories.map((it) => (
              <option key={it.categoryId} value={groupValue({ sex: null, category: it.categoryId })}>
                {it.name}
              </option>
            ))}
          </optgroup>
        )}
      </select>
    </div>
  );
};
