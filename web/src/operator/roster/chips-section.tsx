import { type Participant, type ParticipantId, participantName, putChip, removeChip } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { CHIP_EXPECTED, parseChipText } from './participant-draft.ts';
import type { RosterStore } from './roster-store.ts';

/** `12 Ada Quick`, as people say whom they mean. */
export const whoText = (participant: Participant | undefined, participantId: ParticipantId): string =>
  participant === undefined
    ? `somebody who is not in the roster (${participantId})`
    : `${participant.bib} ${participantName(participant)}`.trim();

const ChipList = (props: { readonly chips: readonly string[]; readonly onRemove: (chip: string) => void }) => (
  <ul class="plain chip-list" aria-label="Chips">
    {props.chips.map((chip) => (
      <li key={chip} class="chip-item">
        <span class="mono">{chip}</span>
        <button
          type="button"
          class="button button-small button-icon"
          aria-label={`Take chip ${chip} off`}
          onClick={() => props.onRemove(chip)}
        >
          ×
        </button>
      </li>
    ))}
  </ul>
);

/** The chips of one participant; a field that a scanner can type into. A chip of somebody else moves only on yes. */
export const ChipsSection = (props: {
  readonly store: RosterStore;
  readonly participant: Participant;
  readonly chips: readonly string[];
  /** Whether a chip is what is to be given next: the field then has the focus. */
  readonly isNext: boolean;
}): JSX.Element => {
  const { store, participant, chips } = props;
  const { participantId } = participant;
  const { edit } = props.store.edited;
  const text = useSignal('');
  const error = useSignal<string | null>(null);
  const moving = useSignal<{ readonly chip: string; readonly from: ParticipantId } | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.isNext) field.current?.focus();
  }, [props.isNext]);
  const give = (chip: string): void => {
    edit((doc) => putChip(doc, chip, participantId));
    text.value = '';
    moving.value = null;
    field.current?.focus();
  };
  const submit = (): void => {
    const chip = parseChipText(text.value);
    error.value = chip === null ? CHIP_EXPECTED : null;
    if (chip === null) return;
    const holder = store.roster.chips.get(chip);
    if (holder === undefined || holder === participantId) give(chip);
    else moving.value = { chip, from: holder };
  };
  const from = moving.value?.from;
  return (
    <section class="stack-tight" aria-labelledby="chips-title">
      <h3 id="chips-title">Chips</h3>
      {chips.length === 0 ? (
        <p class="small muted">None yet: no read can be theirs.</p>
      ) : (
        <ChipList chips={chips} onRemove={(chip) => edit((doc) => removeChip(doc, chip))} />
      )}
      <form
        class="row chip-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field id="new-chip" label="Scan or type a chip" error={error.value}>
          <input
            ref={field}
            id="new-chip"
            class="mono"
            maxLength={40}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            aria-invalid={error.value === null ? undefined : 'true'}
            aria-describedby={error.value === null ? undefined : 'new-chip-help'}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              error.value = null;
            }}
          />
        </Field>
        <button type="submit" class="button">
          Add chip
        </button>
      </form>
      {moving.value === null || from === undefined ? null : (
        <ConfirmDialog
          title={`Move chip ${moving.value.chip}?`}
          confirmLabel="Move it"
          onConfirm={() => moving.value !== null && give(moving.value.chip)}
          onCancel={() => {
            moving.value = null;
          }}
        >
          <p>
            It belongs to {whoText(store.roster.participants.get(from), from)}. A chip has one holder: its reads will
            count for {whoText(participant, participantId)}.
          </p>
        </ConfirmDialog>
      )}
    </section>
  );
};
