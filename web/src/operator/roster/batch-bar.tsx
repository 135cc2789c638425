import type { JSX } from 'preact';
import { Notice } from '../../ui/notice.tsx';
import type { Batch, BatchEdits } from './batch-edit.ts';

const titleOf = ({ label, state }: Batch): string => {
  switch (state) {
    case 'running':
      return `${label}…`;
    case 'done':
      return `${label}: done`;
    case 'undoing':
      return `${label}: taking it back…`;
    case 'undone':
      return `${label}: taken back`;
  }
};

const Busy = (props: { readonly batch: Batch }): JSX.Element => {
  const { label, done, total } = props.batch;
  return (
    <div class="batch-progress">
      <progress aria-label={label} max={total} value={done} />
    </div>
  );
};

/** The newest import or change of many: how far it is, and the way back. */
export const BatchBar = (props: { readonly batches: BatchEdits }): JSX.Element | null => {
  const { batches } = props;
  const batch = batches.current.value;
  if (batch === null) return null;
  const isBusy = batch.state === 'running' || batch.state === 'undoing';
  return (
    <Notice
      tone={batch.state === 'done' ? 'ok' : 'info'}
      title={titleOf(batch)}
      action={
        isBusy ? (
          <Busy batch={batch} />
        ) : (
          <div class="row">
            {batch.state === 'done' ? (
              <button type="button" class="button button-small" onClick={() => void batches.undo()}>
                {batch.kind === 'import' ? 'Undo import' : 'Undo'}
              </button>
            ) : null}
            <button type="button" class="button button-quiet button-small" onClick={batches.putAway}>
              Dismiss
            </button>
          </div>
        )
      }
    >
      {batch.state === 'done' ? 'Until this page is left, it can be taken back as a whole.' : undefined}
    </Notice>
  );
};
