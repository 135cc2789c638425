import './part-words.ts';
import type { JSX } from 'preact';
import { Segments } from '../ui/segments.tsx';
import type { EventStore } from './event-store.ts';
import { say } from './words.ts';

/** As many races as fit side by side on a phone, more or less. */
const MOST_SEGMENTS = 4;

export interface RacePickerProps {
  readonly store: EventStore;
}

/** Which race of the event is shown. */
export const RacePicker = (props: RacePickerProps): JSX.Element => {
  const { store } = props;
  const races = store.source.state.value?.races ?? [];
  const chosen = store.race.value?.raceId ?? '';
  const choose = (raceId: string): void => store.go({ raceId, category: null, bib: null });
  if (races.length <= MOST_SEGMENTS) {
    return (
      <Segments
        name="race"
        legend={say('race')}
        hideLegend
        choices={races.map((it) => ({ value: it.raceId, label: it.name }))}
        value={chosen}
        onChange={choose}
      />
    );
  }
  return (
    <div class="filter">
      <label class="visually-hidden" for="race">
        {say('race')}
      </label>
      <select id="race" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        {races.map((it) => (
          <option key={it.raceId} value={it.raceId}>
            {it.name}
          </option>
        ))}
      </select>
    </div>
  );
};
