import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { Field } from '../../ui/field.tsx';
import type { DeskProps } from '../desk.ts';
import { SQL_EXAMPLES } from './sql-examples.ts';
import { createSqlHistory, SQL_HISTORY_KEY, type SqlHistory } from './sql-history.ts';
import { SqlResult } from './sql-result.tsx';
import { createSqlStore, type SqlStore } from './sql-store.ts';
import { SqlTables } from './sql-tables.tsx';

/** One line of a statement, to know it again by. */
const firstWords = (sql: string): string => {
  const line = sql.trim().replace(/\s+/g, ' ');
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
};

/** A choice that puts a statement into the editor, and then stands at its name again. */
const Picker = (props: {
  readonly id: string;
  readonly label: string;
  readonly first: string;
  readonly choices: readonly { readonly title: string; readonly sql: string }[];
  readonly onPick: (sql: string) => void;
}): JSX.Element => (
  <Field id={props.id} label={props.label}>
    <select
      id={props.id}
      value=""
      disabled={props.choices.length === 0}
      onChange={(event) => {
        const chosen = props.choices[Number(event.currentTarget.value)];
        event.currentTarget.value = '';
        if (chosen !== undefined) props.onPick(chosen.sql);
      }}
    >
      <option value="">{props.first}</option>
      {props.choices.map(({ title, sql }, at) => (
        <option key={sql} value={at}>
          {title}
        </option>
      ))}
    </select>
  </Field>
);

const Actions = (props: {
  readonly store: SqlStore;
  readonly isEmpty: boolean;
  readonly onRun: () => void;
}): JSX.Element => {
  const { type } = props.store.run.value;
  return (
    <div class="row">
      <button
        type="button"
        class="button button-primary"
        disabled={props.isEmpty || type === 'running' || type === 'abandoned'}
        onClick={props.onRun}
      >
        {type === 'running' ? 'Running…' : 'Run'}
      </button>
      {type === 'running' ? (
        <button type="button" class="button" onClick={props.store.abandon}>
          Stop waiting
        </button>
      ) : null}
      <span class="small muted">
        <kbd>Ctrl</kbd> + <kbd>Enter</kbd> runs. Reading only: nothing can be changed from here.
      </span>
    </div>
  );
};

interface EditorProps extends DeskProps {
  readonly sql: Signal<string>;
  readonly past: Signal<readonly string[]>;
  readonly history: SqlHistory;
  readonly store: SqlStore;
}

const Editor = (props: EditorProps): JSX.Element => {
  const { sql, past, history, store } = props;
  const text = useRef<HTMLTextAreaElement>(null);
  const run = (): void => {
    if (sql.peek().trim() === '') return;
    past.value = history.add(sql.peek().trim());
    void store.ask(sql.peek());
  };
  const put = (statement: string): void => {
    sql.value = statement;
    text.current?.focus();
  };
  const insert = (name: string): void => {
    const field = text.current;
    if (field === null) return;
    field.setRangeText(name, field.selectionStart, field.selectionEnd, 'end');
    sql.value = field.value;
    field.focus();
  };
  return (
    <div class="sql-desk">
      <section class="card" aria-labelledby="sql-title">
        <div class="card-head">
          <h2 id="sql-title">SQL</h2>
        </div>
        <div class="card-body stack">
          <div class="sql-pickers compact">
            <Picker id="sql-examples" label="Examples" first="Take one…" choices={SQL_EXAMPLES} onPick={put} />
            <Picker
              id="sql-history"
              label="Run before on this device"
              first={past.value.length === 0 ? 'Nothing yet' : 'Take one…'}
              choices={past.value.map((it) => ({ title: firstWords(it), sql: it }))}
              onPick={put}
            />
            <button
              type="button"
              class="button button-small"
              disabled={past.value.length === 0}
              onClick={() => {
                history.clear();
                past.value = [];
              }}
            >
              Forget these
            </button>
          </div>
          <Field id="sql-text" label="Statement">
            <textarea
              id="sql-text"
              ref={text}
              class="mono sql-text"
              rows={7}
              spellcheck={false}
              autocapitalize="off"
              autocomplete="off"
              maxLength={100_000}
              value={sql.value}
              onInput={(event) => {
                sql.value = event.currentTarget.value;
              }}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
                event.preventDefault();
                run();
              }}
            />
          </Field>
          <Actions store={store} isEmpty={sql.value.trim() === ''} onRun={run} />
        </div>
      </section>
      <section class="card" aria-labelledby="tables-title">
        <div class="card-head">
          <h2 id="tables-title">Tables</h2>
        </div>
        <SqlTables {...props} onInsert={insert} />
      </section>
    </div>
  );
};

/** Asks the device's own database whatever SQL can ask. */
export const SqlView = (props: DeskProps): JSX.Element => {
  const { desk, tools } = props;
  const store = useMemo(() => createSqlStore(desk.live), [desk]);
  const history = useMemo(() => createSqlHistory(tools.kept, SQL_HISTORY_KEY), [tools]);
  const sql = useSignal(history.list()[0] ?? SQL_EXAMPLES[0]?.sql ?? '');
  const past = useSignal(history.list());
  return (
    <div class="stack">
      <Editor {...props} sql={sql} past={past} history={history} store={store} />
      <SqlResult {...props} run={store.run.value} />
    </div>
  );
};
