import { RaceId } from '@baton/schema/ids';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Segments } from '../../ui/segments.tsx';
import { countText, plural } from '../../ui/time-text.ts';
import { type BulkChange, bulkSteps, bulkTargets } from './bulk-edit.ts';
import type { FilterContext } from './roster-filter.ts';
import type { RosterRow } from './roster-row.ts';
import type { RosterStore } from './roster-store.ts';

const KINDS = [
  { value: 'race', label: 'Race' },
  { value: 'category', label: 'Category' },
  { value: 'dns', label: 'DNS' },
] as const;

/** Of a choice that nobody has made yet: nothing is changed by mere agreeing. */
const UNCHOSEN = '?';

const RaceChoice = (props: {
  readonly context: FilterContext;
  readonly value: RaceId | null | undefined;
  readonly onChange: (raceId: RaceId | null) => void;
}): JSX.Element => (
  <Field id="bulk-race" label="New race">
    <select
      id="bulk-race"
      value={props.value === undefined ? UNCHOSEN : (props.value ?? '')}
      onChange={({ currentTarget: { value } }) => props.onChange(value === '' ? null : RaceId.parse(value))}
    >
      <option value={UNCHOSEN} disabled hidden>
        Choose…
      </option>
      <option value="">None: any race the chip is read in</option>
      {[...props.context.races.values()].map((race) => (
        <option key={race.raceId} value={race.raceId}>
          {race.name}
        </option>
      ))}
    </select>
  </Field>
);

const CategoryChoice = (props: {
  readonly rows: readonly RosterRow[];
  readonly context: FilterContext;
  readonly value: string | null | undefined;
  readonly onChange: (category: string | null) => void;
}): JSX.Element => {
  const raceIds = new Set(props.rows.map((row) => row.participant.raceId));
  const [only] = raceIds;
  const race = raceIds.size === 1 && only != null ? props.context.races.get(only) : undefined;
  return (
    <Field
      id="bulk-category"
      label="New category"
      hint={race === undefined ? 'Those shown are of several races: only by age and sex fits all.' : ''}
    >
      <select
        id="bulk-category"
        aria-describedby="bulk-category-help"
        value={props.value === undefined ? UNCHOSEN : (props.value ?? '')}
        onChange={({ currentTarget: { value } }) => props.onChange(value === '' ? null : value)}
      >
        <option value={UNCHOSEN} disabled hidden>
          Choose…
        </option>
        <option value="">By age and sex</option>
        {(race?.categories ?? []).map((it) => (
          <option key={it.categoryId} value={it.categoryId}>
            {it.name}
          </option>
        ))}
      </select>
    </Field>
  );
};

const ReasonField = (props: { readonly value: string; readonly onInput: (reason: string) => void }): JSX.Element => (
  <Field id="bulk-reason" label="Reason" hint="Kept with each of them. Whoever has a correction already keeps it.">
    <input
      id="bulk-reason"
      maxLength={500}
      autocomplete="off"
      aria-describedby="bulk-reason-help"
      value={props.value}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  </Field>
);

const WORDS: Readonly<Record<BulkChange['type'], string>> = {
  race: 'Race of',
  category: 'Category of',
  dns: 'DNS for',
};

const saidOf = (changing: number, all: number): string =>
  changing === all
    ? 'All of them change.'
    : `${countText(changing)} of them ${changing === 1 ? 'changes' : 'change'}; nothing is done to the others.`;

/** One change for everybody that the list shows; taken back as one, too. */
export const BulkDialog = (props: {
  readonly store: RosterStore;
  readonly rows: readonly RosterRow[];
  readonly context: FilterContext;
  readonly onClose: () => void;
}): JSX.Element => {
  const { store, rows, context } = props;
  const kind = useSignal<BulkChange['type']>('race');
  const change = useSignal<BulkChange | null>(null);
  const { value } = change;
  const targets = value === null ? [] : bulkTargets(rows, value);
  const isReady = targets.length > 0 && !(value?.type === 'dns' && value.reason.trim() === '');
  const apply = (): void => {
    if (value === null) return;
    const label = `${WORDS[value.type]} ${plural(targets.length, 'participant')}`;
    void store.batches.run(label, bulkSteps(targets, value, store.edited.sign()));
    props.onClose();
  };
  return (
    <ConfirmDialog
      title={`Change the ${plural(rows.length, 'participant')} shown`}
      confirmLabel={value === null ? 'Change' : `Change ${countText(targets.length)}`}
      disabled={!isReady}
      onConfirm={apply}
      onCancel={props.onClose}
    >
      <Segments
        name="bulk-kind"
        legend="What to change"
        choices={KINDS}
        value={kind.value}
        onChange={(next) => {
          kind.value = next;
          change.value = null;
        }}
      />
      {kind.value === 'race' ? (
        <RaceChoice
          context={context}
          value={value?.type === 'race' ? value.raceId : undefined}
          onChange={(raceId) => {
            change.value = { type: 'race', raceId };
          }}
        />
      ) : null}
      {kind.value === 'category' ? (
        <CategoryChoice
          rows={rows}
          context={context}
          value={value?.type === 'category' ? value.category : undefined}
          onChange={(category) => {
            change.value = { type: 'category', category };
          }}
        />
      ) : null}
      {kind.value === 'dns' ? (
        <ReasonField
          value={value?.type === 'dns' ? value.reason : ''}
          onInput={(reason) => {
            change.value = { type: 'dns', reason };
          }}
        />
      ) : null}
      <p class="small muted" aria-live="polite">
        {value === null ? '' : saidOf(targets.length, rows.length)}
      </p>
    </ConfirmDialog>
  );
};
