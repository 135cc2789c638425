import type { JSX } from 'preact';
import { plural } from '../../ui/time-text.ts';
import type { Names } from './names.ts';
import type { Person } from './people.ts';
import { placeTitle } from './place-words.ts';

const doingWords = ({ views, editing }: Person, names: Names, viewWords: (view: string) => string): string => {
  const places = editing.map((place) => placeTitle(place, names));
  if (places.length > 0) return `editing ${places.join(', ')}`;
  return views.length === 0 ? 'looking on' : `at ${views.map(viewWords).join(', ')}`;
};

const Initials = (props: { readonly person: Person }): JSX.Element => (
  <span class={props.person.editing.length > 0 ? 'initials initials-editing' : 'initials'} aria-hidden="true">
    {props.person.initials}
  </span>
);

const MAX_INITIALS = 4;

/** Who else has the event open, and what they are at. */
export const WhoIsHere = (props: {
  readonly people: readonly Person[];
  readonly names: Names;
  /** What a part of the page is called; parts of other versions are unknown. */
  readonly viewWords: (view: string) => string;
}): JSX.Element => {
  const { people } = props;
  if (people.length === 0) return <span class="muted small">Nobody else is here</span>;
  const more = people.length - MAX_INITIALS;
  return (
    <details
      class="people"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.currentTarget.open = false;
        event.currentTarget.querySelector('summary')?.focus();
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (to instanceof Node && !event.currentTarget.contains(to)) event.currentTarget.open = false;
      }}
    >
      <summary>
        <span class="people-row">
          {people.slice(0, MAX_INITIALS).map((person) => (
            <Initials key={person.name} person={person} />
          ))}
          {more > 0 ? <span class="initials" aria-hidden="true">{`+${more}`}</span> : null}
          <span class="small">{`${plural(people.length, 'other')} here`}</span>
        </span>
      </summary>
      <ul class="plain people-list card">
        {people.map((person, at) => (
          <li key={`${person.name} ${at}`}>
            <Initials person={person} />
            <span>
              <strong>{person.isSelf ? `${person.name} (you, elsewhere)` : person.name}</strong>
              <span class="small muted people-doing">{doingWords(person, props.names, props.viewWords)}</span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
};
