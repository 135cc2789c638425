import type { JSX } from 'preact';

/** More are counted, not listed. */
const SHOWN = 6;

/** Hints that keep nobody from anything; nothing while there are none. */
export const NoteList = (props: { readonly notes: readonly string[]; readonly label: string }): JSX.Element | null => {
  const { notes } = props;
  if (notes.length === 0) return null;
  const more = notes.length - SHOWN;
  return (
    <ul class="notes" aria-label={props.label}>
      {notes.slice(0, SHOWN).map((note) => (
        <li key={note}>{note}</li>
      ))}
      {more > 0 ? <li>… and {more} more.</li> : null}
    </ul>
  );
};
