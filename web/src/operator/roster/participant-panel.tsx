import { type Participant, type ParticipantId, participantName, removeParticipant } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Announcer } from '../../platform/announcer-store.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { Notice } from '../../ui/notice.tsx';
import { EditedPlace } from '../together/edited-place.tsx';
import { ChipsSection, whoText } from './chips-section.tsx';
import { CorrectionSection } from './correction-section.tsx';
import type { ParticipantValues } from './participant-draft.ts';
import { ParticipantForm } from './participant-form.tsx';
import type { FilterContext } from './roster-filter.ts';
import { type RosterRow, rosterRow } from './roster-row.ts';
import type { RosterStore } from './roster-store.ts';
import { PROBLEM_WORDS, rowProblems } from './row-problems.ts';

export interface PanelProps {
  readonly store: RosterStore;
  readonly context: FilterContext;
  readonly announcer: Announcer;
  readonly timezone: string;
  /** `new`: somebody to be added. */
  readonly who: ParticipantId | 'new';
  /** Of somebody new: what the list was filtered by. */
  readonly start: Partial<ParticipantValues>;
  readonly onWho: (who: ParticipantId | 'new') => void;
  readonly onClose: () => void;
}

const Remove = (props: PanelProps & { readonly row: RosterRow }): JSX.Element => {
  const { store, announcer, row } = props;
  const { participant } = row;
  const asking = useSignal(false);
  const remove = (): void => {
    store.edited.edit((doc) => removeParticipant(doc, participant.participantId));
    announcer.say(`${whoText(participant, participant.participantId)} is removed.`);
    props.onClose();
  };
  return (
    <>
      <button
        type="button"
        class="button button-quiet button-small"
        onClick={() => {
          asking.value = true;
        }}
      >
        Remove participant…
      </button>
      {asking.value ? (
        <ConfirmDialog
          title={`Remove ${whoText(participant, participant.participantId)}?`}
          confirmLabel="Remove"
          danger
          onConfirm={remove}
          onCancel={() => {
            asking.value = false;
          }}
        >
          <p>
            {row.chips.length === 0 ? 'Their correction goes too.' : 'Their chips and correction go too.'} Reads are
            kept. Somebody who did not start is better marked DNS.
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  );
};

const Problems = (props: { readonly row: RosterRow; readonly context: FilterContext }): JSX.Element | null => {
  const problems = rowProblems(props.row, props.context.races, props.context.twins);
  if (problems.length === 0) return null;
  return <Notice tone="warn" title={`To look at: ${problems.map((it) => PROBLEM_WORDS[it]).join(', ')}`} />;
};

/** Somebody whom this panel has added, and the reading of the roster in which they were not yet. */
interface Added {
  readonly participant: Participant;
  readonly rows: readonly RosterRow[];
}

/** Until the roster is read again, the one who was added stands for their row. */
const justAdded = (added: Added | null, who: ParticipantId, rows: readonly RosterRow[]): RosterRow | undefined =>
  added?.participant.participantId === who && added.rows === rows ? rosterRow(added.participant, [], null) : undefined;

/** One participant: fields, chips, correction; or the form for somebody new. */
export const ParticipantPanel = (props: PanelProps): JSX.Element => {
  const { store, context, announcer, who } = props;
  const added = useSignal<Added | null>(null);
  // drawn again with each new reading of the roster
  const rows = store.rows.value;
  const row = who === 'new' ? undefined : (store.rowOf(who) ?? justAdded(added.value, who, rows));
  if (who === 'new') {
    return (
      <Drawer id="participant" title="New participant" onClose={props.onClose}>
        <ParticipantForm
          key="new"
          store={store}
          participant={null}
          start={props.start}
          context={context}
          onSaved={(saved) => {
            announcer.say(`${whoText(saved, saved.participantId)} is added.`);
            added.value = { rows, participant: saved };
            props.onWho(saved.participantId);
          }}
        />
      </Drawer>
    );
  }
  if (row === undefined) {
    return (
      <Drawer id="participant" title="Participant" onClose={props.onClose}>
        <Notice tone="info" title={rows.length === 0 ? 'The roster is empty' : 'Not in the roster'}>
          Nobody is here under this entry: it was just added, or somebody removed it. Close this and look again.
        </Notice>
      </Drawer>
    );
  }
  const { participant } = row;
  const name = participantName(participant);
  return (
    <Drawer id="participant" title={`${participant.bib} ${name}`.trim()} onClose={props.onClose}>
      <Problems row={row} context={context} />
      <EditedPlace at={['participants', participant.participantId]} class="stack">
        <ParticipantForm
          key={participant.participantId}
          store={store}
          participant={participant}
          start={{}}
          context={context}
          onSaved={(saved) => announcer.say(`${whoText(saved, saved.participantId)} is saved.`)}
        />
        <ChipsSection
          key={`chips-${participant.participantId}`}
          store={store}
          participant={participant}
          chips={row.chips}
          isNext={added.value?.participant.participantId === participant.participantId}
        />
        <CorrectionSection
          key={`correction-${participant.participantId}`}
          store={store}
          participant={participant}
          correction={row.correction}
          timezone={props.timezone}
        />
      </EditedPlace>
      <div class="row row-between drawer-foot">
        <button type="button" class="button button-small" onClick={() => props.onWho('new')}>
          Add another
        </button>
        <Remove {...props} row={row} />
      </div>
    </Drawer>
  );
};
