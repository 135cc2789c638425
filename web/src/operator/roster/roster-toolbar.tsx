import type { Race } from '@baton/schema/doc';
import { RaceId } from '@baton/schema/ids';
import type { JSX, RefObject } from 'preact';
import { countText } from '../../ui/time-text.ts';
import { type RosterFilter, STATUS_FILTERS, type StatusFilter } from './roster-filter.ts';

const STATUS_WORDS: Readonly<Record<StatusFilter, string>> = {
  any: 'Everybody',
  problems: 'With problems',
  'no-chip': 'Without a chip',
  corrected: 'With a correction',
  DNS: 'DNS: did not start',
  DNF: 'DNF: did not finish',
  DSQ: 'DSQ: disqualified',
};

const RaceFilter = (props: {
  readonly races: readonly Race[];
  readonly counts: ReadonlyMap<RaceId | null, number>;
  readonly value: RosterFilter['race'];
  readonly onChange: (race: RosterFilter['race']) => void;
}): JSX.Element => {
  const count = (raceId: RaceId | null): string => countText(props.counts.get(raceId) ?? 0);
  return (
    <div class="field">
      <label for="roster-race">Race</label>
      <select
        id="roster-race"
        value={props.value}
        onChange={({ currentTarget: { value } }) =>
          props.onChange(value === 'any' || value === 'none' ? value : RaceId.parse(value))
        }
      >
        <option value="any">All races</option>
        {props.races.map((race) => (
          <option key={race.raceId} value={race.raceId}>
            {race.name} ({count(race.raceId)})
          </option>
        ))}
        <option value="none">No race ({count(null)})</option>
      </select>
    </div>
  );
};

const CategoryFilter = (props: {
  readonly race: Race | undefined;
  readonly value: string | null;
  readonly onChange: (category: string | null) => void;
}): JSX.Element => (
  <div class="field">
    <label for="roster-category">Category</label>
    <select
      id="roster-category"
      value={props.value ?? ''}
      disabled={props.race === undefined || props.race.categories.length === 0}
      onChange={({ currentTarget: { value } }) => props.onChange(value === '' ? null : value)}
    >
      <option value="">{props.race === undefined ? 'Choose a race first' : 'All categories'}</option>
      {props.race?.categories.map((category) => (
        <option key={category.categoryId} value={category.categoryId}>
          {category.name}
        </option>
      ))}
    </select>
  </div>
);

const StatusSelect = (props: {
  readonly value: StatusFilter;
  readonly onChange: (status: StatusFilter) => void;
}): JSX.Element => (
  <div class="field">
    <label for="roster-show">Show</label>
    <select
      id="roster-show"
      value={props.value}
      onChange={({ currentTarget: { value } }) => props.onChange(STATUS_FILTERS.find((it) => it === value) ?? 'any')}
    >
      {STATUS_FILTERS.map((status) => (
        <option key={status} value={status}>
          {STATUS_WORDS[status]}
        </option>
      ))}
    </select>
  </div>
);

/** What is looked for; the list follows each letter. */
export const RosterFilters = (props: {
  readonly races: ReadonlyMap<RaceId, Race>;
  readonly counts: ReadonlyMap<RaceId | null, number>;
  readonly filter: RosterFilter;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly onChange: (filter: RosterFilter) => void;
  /** Down from the search leads into the list. */
  readonly onLeave: () => void;
}): JSX.Element => {
  const { races, filter, onChange } = props;
  const chosen = filter.race === 'any' || filter.race === 'none' ? undefined : races.get(filter.race);
  return (
    <search class="roster-filters">
      <div class="field roster-search">
        <label for="roster-search">
          Search{' '}
          <span class="roster-key" aria-hidden="true">
            press /
          </span>
        </label>
        <input
          ref={props.search}
          id="roster-search"
          type="search"
          placeholder="Bib, name, club or chip"
          aria-keyshortcuts="/"
          maxLength={200}
          autocomplete="off"
          spellcheck={false}
          value={filter.query}
          onInput={(event) => onChange({ ...filter, query: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown') return;
            event.preventDefault();
            props.onLeave();
          }}
        />
      </div>
      <RaceFilter
        races={[...races.values()]}
        counts={props.counts}
        value={filter.race}
        onChange={(race) => onChange({ ...filter, race, category: null })}
      />
      <CategoryFilter
        race={chosen}
        value={filter.category}
        onChange={(category) => onChange({ ...filter, category })}
      />
      <StatusSelect value={filter.status} onChange={(status) => onChange({ ...filter, status })} />
    </search>
  );
};
