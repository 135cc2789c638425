import {
  changeParticipants,
  type Participant,
  type ParticipantField,
  participantName,
  putParticipant,
} from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import {
  bibHolders,
  checkDraft,
  NEW_PARTICIPANT,
  newParticipantId,
  type ParticipantDraft,
  type ParticipantValues,
} from './participant-draft.ts';
import { ParticipantFields } from './participant-fields.tsx';
import type { FilterContext } from './roster-filter.ts';
import type { RosterStore } from './roster-store.ts';

type Errors = Readonly<Partial<Record<ParticipantField, string>>>;

interface Clash {
  readonly values: ParticipantValues;
  readonly changed: readonly ParticipantField[];
  readonly holders: readonly Participant[];
}

const BibTwice = (props: {
  readonly clash: Clash;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}): JSX.Element => {
  const { values, holders } = props.clash;
  return (
    <ConfirmDialog
      title={`Bib ${values.bib} is worn already`}
      confirmLabel="Save all the same"
      onConfirm={props.onConfirm}
      onCancel={props.onCancel}
    >
      <p>
        In this race {holders.map((it) => participantName(it) || it.participantId).join(', ')} wears it. Give one of
        them another bib, or save and settle it later: both are then listed under “With problems”.
      </p>
    </ConfirmDialog>
  );
};

/** Focus goes to the first field that is wrong, once its message is drawn. */
const focusFirst = (errors: Errors): void => {
  const [field] = Object.keys(errors);
  document.getElementById(`participant-${field}`)?.focus();
};

/**
 * Adds somebody, or changes the fields that were touched: what others change meanwhile in the other fields shows at
 * once, and stays.
 */
export const ParticipantForm = (props: {
  readonly store: RosterStore;
  /** Null: somebody new. */
  readonly participant: Participant | null;
  readonly start: Partial<ParticipantValues>;
  readonly context: FilterContext;
  readonly onSaved: (participant: Participant) => void;
}): JSX.Element => {
  const { store, participant, context } = props;
  const draft = useSignal<ParticipantDraft>({});
  const errors = useSignal<Errors>({});
  const clash = useSignal<Clash | null>(null);
  const now = participant ?? { ...NEW_PARTICIPANT, ...props.start };
  const isTouched = Object.keys(draft.value).length > 0;

  const save = ({ values, changed }: Omit<Clash, 'holders'>): void => {
    const participantId = participant?.participantId ?? newParticipantId(store.roster, values.raceId, values.bib);
    const fields = Object.fromEntries(changed.map((field) => [field, values[field]]));
    store.edited.edit((doc) =>
      participant === null
        ? putParticipant(doc, { participantId, ...values })
        : changeParticipants(doc, [[participantId, fields]]),
    );
    draft.value = {};
    clash.value = null;
    props.onSaved({ participantId, ...values });
  };

  const submit = (): void => {
    const checked = checkDraft(now, draft.value);
    errors.value = checked.type === 'bad' ? checked.errors : {};
    if (checked.type === 'bad') return focusFirst(checked.errors);
    const { values, changed } = checked;
    const isMoved = participant === null || changed.includes('bib') || changed.includes('raceId');
    const holders = isMoved ? bibHolders(store.rows.peek(), values, participant?.participantId ?? null) : [];
    if (holders.length > 0) clash.value = { values, changed, holders };
    else save({ values, changed });
  };

  return (
    <>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <ParticipantFields
          now={now}
          draft={draft.value}
          errors={errors.value}
          races={context.races}
          date={context.date}
          onInput={(field, text) => {
            draft.value = { ...draft.value, [field]: text };
          }}
        />
        <div class="row">
          <button type="submit" class="button button-primary" disabled={participant !== null && !isTouched}>
            {participant === null ? 'Add participant' : 'Save changes'}
          </button>
          {participant !== null && isTouched ? (
            <button
              type="button"
              class="button button-quiet"
              onClick={() => {
                draft.value = {};
                errors.value = {};
              }}
            >
              Take back
            </button>
          ) : null}
        </div>
      </form>
      {clash.value === null ? null : (
        <BibTwice
          clash={clash.value}
          onConfirm={() => clash.value !== null && save(clash.value)}
          onCancel={() => {
            clash.value = null;
          }}
        />
      )}
    </>
  );
};
