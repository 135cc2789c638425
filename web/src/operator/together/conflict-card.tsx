import type { JSX } from 'preact';
import { conflictWords, type SideWords, whenText } from './conflict-words.ts';
import type { Names } from './names.ts';
import type { OpenConflict } from './review-store.ts';

const Side = (props: {
  readonly title: string;
  readonly heading: string;
  readonly side: SideWords;
  readonly when: string;
  readonly onChoose: () => void;
}): JSX.Element => {
  const { side } = props;
  return (
    <div class="conflict-side">
      <span class="small muted">{props.heading}</span>
      <strong class="conflict-value">
        <bdi>{side.value}</bdi>
      </strong>
      <span class="small muted">
        {side.author}, {props.when}
      </span>
      {side.action === null ? null : (
        <button
          type="button"
          class="button button-small"
          aria-label={`${side.action}: ${side.value}, by ${side.author}, for ${props.title}`}
          onClick={props.onChoose}
        >
          {side.action}
        </button>
      )}
    </div>
  );
};

/** What two people made of one entry apart from each other; one click decides. */
export const ConflictCard = (props: {
  readonly open: OpenConflict;
  readonly names: Names;
  readonly timezone: string;
  readonly onChoose: (choice: 'kept' | 'other') => void;
}): JSX.Element => {
  const { conflict } = props.open;
  const words = conflictWords(conflict, props.names);
  return (
    <li class="conflict" aria-label={words.title}>
      <h3>{words.title}</h3>
      <p class="small muted">{words.what}</p>
      <div class="conflict-sides">
        <Side
          title={words.title}
          heading="Stands now"
          side={words.kept}
          when={whenText(conflict.kept.author, props.timezone)}
          onChoose={() => props.onChoose('kept')}
        />
        <Side
          title={words.title}
          heading="Was overruled"
          side={words.other}
          when={whenText(conflict.other.author, props.timezone)}
          onChoose={() => props.onChoose('other')}
        />
      </div>
    </li>
  );
};
