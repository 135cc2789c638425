import type { Race } from '@baton/schema/doc';
import type { StreamBody } from '@baton/schema/http';
import type { RaceId } from '@baton/schema/ids';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Field } from '../ui/field.tsx';

/** Asks for which race a stream's next epoch is to be opened. */
export const NextEpochDialog = (props: {
  readonly stream: StreamBody;
  readonly title: string;
  readonly races: readonly Race[];
  readonly busy: boolean;
  readonly onConfirm: (raceId: RaceId | null) => void;
  readonly onCancel: () => void;
}): JSX.Element => {
  const { stream, races } = props;
  const chosen = useSignal<string>(races[0]?.raceId ?? '');
  return (
    <ConfirmDialog
      title={`Start epoch ${stream.epoch + 1} of ${props.title}?`}
      confirmLabel={`Start epoch ${stream.epoch + 1}`}
      busy={props.busy}
      onConfirm={() => props.onConfirm(races.find((it) => it.raceId === chosen.value)?.raceId ?? null)}
      onCancel={props.onCancel}
    >
      <p>
        From now on the reader’s lines belong to epoch {stream.epoch + 1}. Epoch {stream.epoch} keeps what it has, and
        lines still on their way to it.
      </p>
      <Field id="next-race" label="Assign the new epoch to">
        <select
          id="next-race"
          value={chosen.value}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          {races.map((race) => (
            <option key={race.raceId} value={race.raceId}>
              {race.name}
            </option>
          ))}
          <option value="">No race</option>
        </select>
      </Field>
    </ConfirmDialog>
  );
};
