import { EditKind } from '@baton/schema/doc';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { plural } from '../../ui/time-text.ts';
import { whenText } from './conflict-words.ts';
import type { HistoryFilter, HistoryRow } from './history-filter.ts';

const KINDS: Readonly<Record<EditKind, string>> = {
  edit: 'Edits',
  import: 'Imports',
  undo: 'Taken back',
  redo: 'Done again',
  choice: 'Decided conflicts',
};

/** Narrows the history down: by person, by kind, by a text in it. */
export const HistoryFilters = (props: {
  readonly filter: Signal<HistoryFilter>;
  readonly authors: readonly string[];
}): JSX.Element => {
  const { filter, authors } = props;
  const set = (part: Partial<HistoryFilter>): void => {
    filter.value = { ...filter.value, ...part };
  };
  return (
    <form class="form-grid" aria-label="Filter of the history" onSubmit={(it) => it.preventDefault()}>
      <div class="field">
        <label for="history-by">Who</label>
        <select
          id="history-by"
          value={filter.value.by ?? ''}
          onChange={(event) => set({ by: event.currentTarget.value === '' ? null : event.currentTarget.value })}
        >
          <option value="">Everybody</option>
          {authors.map((author) => (
            <option key={author} value={author}>
              {author}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="history-kind">What</label>
        <select
          id="history-kind"
          value={filter.value.kind ?? ''}
          onChange={(event) => set({ kind: EditKind.safeParse(event.currentTarget.value).data ?? null })}
        >
          <option value="">Everything</option>
          {EditKind.options.map((kind) => (
            <option key={kind} value={kind}>
              {KINDS[kind]}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="history-text">Search</label>
        <input
          id="history-text"
          type="search"
          autocomplete="off"
          maxLength={200}
          placeholder="Race, person, value…"
          value={filter.value.text}
          onInput={(event) => set({ text: event.currentTarget.value })}
        />
      </div>
    </form>
  );
};

/** Lines of one edit that are told at once. */
const LINES = 6;

const Lines = (props: { readonly row: HistoryRow }): JSX.Element => {
  const { words, edit } = props.row;
  const shown = words.lines.slice(0, LINES);
  const more = words.lines.slice(LINES);
  const unlisted = edit.total - edit.changes.length;
  return (
    <>
      {words.head === '' ? null : <p>{words.head}</p>}
      <ul class={words.lines.length + (words.head === '' ? 0 : 1) > 1 ? 'history-lines' : 'plain'}>
        {shown.map((line, at) => (
          <li key={at}>
            <bdi>{line}</bdi>
          </li>
        ))}
      </ul>
      {more.length === 0 ? null : (
        <details>
          <summary class="small">{`${plural(more.length, 'more change')}`}</summary>
          <ul class="history-lines">
            {more.map((line, at) => (
              <li key={at}>
                <bdi>{line}</bdi>
              </li>
            ))}
            {unlisted > 0 ? <li class="muted">{`and ${plural(unlisted, 'more entry', 'more entries')}`}</li> : null}
          </ul>
        </details>
      )}
    </>
  );
};

/** One edit: who, when, what, and the way to take it back. */
export const HistoryEntry = (props: {
  readonly row: HistoryRow;
  readonly timezone: string;
  readonly onTakeBack: () => void;
}): JSX.Element => {
  const { row } = props;
  const when = whenText(row.edit.author, props.timezone);
  return (
    <li class="history-entry">
      <div class="history-who">
        <strong>{row.by === 'a program' ? 'A program' : row.by}</strong>
        <span class="small muted">{when}</span>
      </div>
      <div class="history-what">
        <Lines row={row} />
      </div>
      {row.canTakeBack ? (
        <button
          type="button"
          class="button button-quiet button-small history-back"
          aria-label={`Take back: ${row.words.lines[0] ?? row.words.head}, by ${row.by}, ${when}`}
          onClick={props.onTakeBack}
        >
          Take back
        </button>
      ) : null}
    </li>
  );
};
