import type { Race } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { isEmptyPlan } from '@baton/schema/roster';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Drawer } from '../../ui/drawer.tsx';
import { Loading, Notice } from '../../ui/notice.tsx';
import { plural } from '../../ui/time-text.ts';
import { BatchBar } from './batch-bar.tsx';
import { ImportChoices } from './import-choices.tsx';
import { ImportPreview, ImportProblems } from './import-preview.tsx';
import { ImportSource } from './import-source.tsx';
import type { ImportStore } from './import-store.ts';
import type { RosterStore } from './roster-store.ts';

interface DialogProps {
  readonly imports: ImportStore;
  readonly roster: RosterStore;
  readonly races: ReadonlyMap<RaceId, Race>;
  readonly onClose: () => void;
}

const Outcome = (props: DialogProps): JSX.Element | null => {
  const stage = props.imports.stage.value;
  switch (stage.type) {
    case 'choosing':
      return null;
    case 'reading':
      return <Loading label="Reading the list" lines={3} />;
    case 'refused':
      return <ImportProblems found={stage} />;
    case 'planned':
      return <ImportPreview plan={stage.plan} roster={props.roster.roster} isNewPreview={stage.isNewPreview} />;
    case 'applied':
      return <BatchBar batches={props.roster.batches} />;
  }
};

const Actions = (props: DialogProps): JSX.Element => {
  const { imports } = props;
  const stage = imports.stage.value;
  const isBusy = props.roster.batches.current.value?.state === 'running';
  if (stage.type === 'applied') {
    return (
      <div class="row drawer-foot">
        <button type="button" class="button" disabled={isBusy} onClick={() => imports.reset()}>
          Import another list
        </button>
      </div>
    );
  }
  const canApply = stage.type === 'planned' && !isEmptyPlan(stage.plan);
  return (
    <div class="row drawer-foot">
      <button
        type="button"
        class="button button-primary"
        disabled={!canApply || isBusy}
        onClick={() => void imports.apply()}
      >
        {stage.type === 'planned' ? `Import ${plural(stage.plan.imported, 'row')}` : 'Import'}
      </button>
      <button type="button" class="button" onClick={() => imports.reset()}>
        Another list
      </button>
    </div>
  );
};

/** From a list to the roster: chosen, read, looked at, applied, and taken back if it was the wrong one. */
export const ImportDialog = (props: DialogProps): JSX.Element => {
  const { imports, races } = props;
  const [stage, source, look] = [imports.stage.value, imports.source.value, imports.look.value];
  useEffect(() => () => imports.reset(), [imports]);
  return (
    <Drawer id="import" title="Import a list" size="wide" onClose={props.onClose}>
      {props.roster.ready.value ? null : (
        <Notice tone="warn" title="The roster is not loaded yet">
          What an import would do is reckoned without whoever is in it already. Wait for the relay if you can.
        </Notice>
      )}
      {source === null ? (
        <ImportSource store={imports} problem={stage.type === 'choosing' ? stage.problem : null} />
      ) : (
        <>
          <p>
            <strong>{source.name}</strong>
          </p>
          {look === null || stage.type === 'applied' ? null : (
            <ImportChoices
              look={look}
              choices={imports.choices.value}
              races={races}
              onChange={(change) => void imports.change(change)}
            />
          )}
          <Outcome {...props} />
          <Actions {...props} />
        </>
      )}
      {races.size === 0 ? (
        <Notice tone="info" title="There is no race yet: a list can be imported without one." />
      ) : null}
    </Drawer>
  );
};
