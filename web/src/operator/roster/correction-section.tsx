import { type Correction, type Participant, setCorrection } from '@baton/schema/doc';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Pill } from '../../ui/pill.tsx';
import { dayAndClockText } from '../../ui/time-text.ts';
import { type CorrectionDraft, checkCorrection, correctionText, draftOfCorrection } from './correction-draft.ts';
import type { RosterStore } from './roster-store.ts';

const STATUSES: readonly { readonly value: CorrectionDraft['status']; readonly label: string }[] = [
  { value: '', label: 'None' },
  { value: 'DNS', label: 'DNS: did not start' },
  { value: 'DNF', label: 'DNF: did not finish' },
  { value: 'DSQ', label: 'DSQ: disqualified' },
];

type Errors = Readonly<Partial<Record<keyof CorrectionDraft, string>>>;

const help = (id: string, error: string | undefined, hint = false) => ({
  'aria-invalid': error === undefined ? undefined : ('true' as const),
  'aria-describedby': error === undefined && !hint ? undefined : `${id}-help`,
});

const CorrectionFields = (props: {
  readonly draft: CorrectionDraft;
  readonly errors: Errors;
  readonly onChange: (change: Partial<CorrectionDraft>) => void;
}): JSX.Element => {
  const { draft, errors, onChange } = props;
  return (
    <>
      <div class="form-grid">
        <Field id="correction-status" label="Status" error={errors.status ?? null}>
          <select
            id="correction-status"
            {...help('correction-status', errors.status)}
            value={draft.status}
            onChange={({ currentTarget: { value } }) =>
              onChange({ status: STATUSES.find((it) => it.value === value)?.value ?? '' })
            }
          >
            {STATUSES.map((it) => (
              <option key={it.value} value={it.value}>
                {it.label}
              </option>
            ))}
          </select>
        </Field>
        <Field
          id="correction-time"
          label="Time by hand"
          hint="From the gun, h:mm:ss.t; empty: as measured."
          error={errors.time ?? null}
        >
          <input
            id="correction-time"
            class="mono"
            placeholder="1:02:03.4"
            maxLength={20}
            autocomplete="off"
            {...help('correction-time', errors.time, true)}
            value={draft.time}
            onInput={(event) => onChange({ time: event.currentTarget.value })}
          />
        </Field>
      </div>
      <Field id="correction-reason" label="Reason" error={errors.reason ?? null}>
        <input
          id="correction-reason"
          maxLength={500}
          autocomplete="off"
          required
          {...help('correction-reason', errors.reason)}
          value={draft.reason}
          onInput={(event) => onChange({ reason: event.currentTarget.value })}
        />
      </Field>
    </>
  );
};

const Standing = (props: {
  readonly correction: Correction;
  readonly timezone: string;
  readonly onTakeBack: () => void;
}): JSX.Element => {
  const { correction } = props;
  return (
    <div class="standing">
      <div class="stack-tight grow">
        <span>
          <Pill tone="info">{correctionText(correction)}</Pill>
        </span>
        <span>{correction.reason}</span>
        <span class="small muted">
          {correction.author === '' ? 'Somebody' : correction.author}, {dayAndClockText(correction.at, props.timezone)}
        </span>
      </div>
      <button type="button" class="button button-small" onClick={props.onTakeBack}>
        Take back…
      </button>
    </div>
  );
};

/** What the officials decided of one participant: a status or a time, with reason, author and time. */
export const CorrectionSection = (props: {
  readonly store: RosterStore;
  readonly participant: Participant;
  readonly correction: Correction | null;
  readonly timezone: string;
}): JSX.Element => {
  const { store, participant, correction } = props;
  const draft = useSignal<CorrectionDraft | null>(null);
  const errors = useSignal<Errors>({});
  const asking = useSignal(false);
  const shown = draft.value ?? draftOfCorrection(correction);
  const write = (next: Correction | null): void => {
    store.edited.edit((doc) => setCorrection(doc, participant.participantId, next));
    draft.value = null;
    asking.value = false;
  };
  const submit = (): void => {
    const checked = checkCorrection(shown, store.edited.sign());
    errors.value = checked.type === 'bad' ? checked.errors : {};
    if (checked.type === 'good') return write(checked.correction);
    const [first] = Object.keys(checked.errors);
    document.getElementById(`correction-${first}`)?.focus();
  };
  return (
    <section class="stack-tight" aria-labelledby="correction-title">
      <h3 id="correction-title">Correction</h3>
      {correction === null ? null : (
        <Standing
          correction={correction}
          timezone={props.timezone}
          onTakeBack={() => {
            asking.value = true;
          }}
        />
      )}
      <form
        class="stack-tight"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <CorrectionFields
          draft={shown}
          errors={errors.value}
          onChange={(change) => {
            draft.value = { ...shown, ...change };
          }}
        />
        <div class="row">
          <button type="submit" class="button" disabled={draft.value === null}>
            {correction === null ? 'Record correction' : 'Change correction'}
          </button>
        </div>
      </form>
      {asking.value ? (
        <ConfirmDialog
          title="Take the correction back?"
          confirmLabel="Take back"
          onConfirm={() => write(null)}
          onCancel={() => {
            asking.value = false;
          }}
        >
          <p>The result is then what was measured. The history keeps what was decided and by whom.</p>
        </ConfirmDialog>
      ) : null}
    </section>
  );
};
