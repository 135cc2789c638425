import './part-words.ts';
import type { JSX } from 'preact';
import type { EventStore } from './event-store.ts';
import { say } from './words.ts';

export interface StarProps {
  readonly store: EventStore;
  readonly runner: { readonly raceId: string; readonly bib: string; readonly name: string };
}

/** Marks a runner as a favourite, or not. */
export const StarButton = (props: StarProps): JSX.Element | null => {
  const desk = props.store.favourites.value;
  if (desk === null) return null;
  const { raceId, bib, name } = props.runner;
  const isOn = desk.favourites.has(raceId, bib);
  const whom = { name: name === '' ? say('bibOf', { bib }) : name };
  return (
    <button
      type="button"
      class={isOn ? 'star is-on' : 'star'}
      aria-pressed={isOn}
      aria-label={say('favouriteOf', { bib })}
      title={say(isOn ? 'removeFavourite' : 'addFavourite', whom)}
      onClick={() => desk.toggle({ raceId, bib, name })}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M12 3.2l2.7 5.6 6.1.8-4.5 4.2 1.1 6.1L12 17l-5.4 2.9 1.1-6.1-4.5-4.2 6.1-.8z" />
      </svg>
    </button>
  );
};
