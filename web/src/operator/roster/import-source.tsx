import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { ImportStore } from './import-store.ts';

/** Asks for a list: a file, or text that was copied elsewhere. */
export const ImportSource = (props: { readonly store: ImportStore; readonly problem: string | null }): JSX.Element => {
  const { store, problem } = props;
  const text = useSignal('');
  const unread = useSignal<string | null>(null);
  const open = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    unread.value = null;
    try {
      await store.choose({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    } catch (error) {
      // the file was moved or may not be read; the browser says which
      unread.value = `${file.name} could not be read: ${String(error)}`;
    }
  };
  const shown = problem ?? unread.value;
  return (
    <div class="stack">
      {shown === null ? null : <Notice tone="bad" title={shown} />}
      <Field
        id="import-file"
        label="File"
        hint="FinishLynx people (.ppl), a bib-chip list, or CSV with a header. UTF-8 and Windows-1252 are told apart."
      >
        <input
          id="import-file"
          type="file"
          accept=".ppl,.csv,.txt,.tsv,text/plain,text/csv"
          aria-describedby="import-file-help"
          onChange={(event) => void open(event.currentTarget.files?.[0])}
        />
      </Field>
      <form
        class="stack-tight"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.value.trim() === '') return;
          void store.choose({ name: 'pasted text', bytes: new TextEncoder().encode(text.value) });
        }}
      >
        <Field id="import-text" label="Or paste the list">
          <textarea
            id="import-text"
            class="mono import-text"
            rows={6}
            spellcheck={false}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </Field>
        <div class="row">
          <button type="submit" class="button" disabled={text.value.trim() === ''}>
            Read the text
          </button>
        </div>
      </form>
    </div>
  );
};
