import type { Race } from '@baton/schema/doc';
import type { Clock } from '@baton/schema/ports';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { type Parsed, ParsedField, parsedOr } from '../ui/parsed-field.tsx';
import {
  CLOCK_EXPECTED,
  hasZone,
  parseClock,
  type StartFields,
  startFields,
  startNow,
  startText,
} from './start-time.ts';

/** Day and time of the place where the race is. */
export interface EventTime {
  /** `YYYY-MM-DD`; empty while the event is not loaded. */
  readonly date: string;
  readonly timezone: string;
  readonly clock: Clock;
}

/** An empty time of day means that there is no start; a time of day needs its day. */
const parserFor =
  (day: string) =>
  (text: string): Parsed<string | null> => {
    if (text === '') return { type: 'value', value: null };
    return day === ''
      ? { type: 'expected', text: 'choose the start day first' }
      : parsedOr<string | null>(parseClock(text), CLOCK_EXPECTED);
  };

/** A day goes out on leaving the field: while one types a year, it passes through four others. */
const DayField = (props: {
  readonly id: string;
  readonly day: string;
  readonly onCommit: (day: string) => void;
}): JSX.Element => {
  const draft = useSignal<string | null>(null);
  const commit = (): void => {
    const day = draft.value;
    draft.value = null;
    if (day !== null && day !== '' && day !== props.day) props.onCommit(day);
  };
  return (
    <div class="field">
      <label for={props.id}>Start day</label>
      <input
        id={props.id}
        type="date"
        value={draft.value ?? props.day}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
    </div>
  );
};

const hintOf = (race: Race, timezone: string): string => {
  if (race.startAt === null) return 'Without one, places go by the order of crossing.';
  return hasZone(race.startAt) ? `Shown in ${timezone}; stored as ${race.startAt}.` : `Time of day in ${timezone}.`;
};

/** When the gun goes: day, time of day, and a button for the moment itself. */
export const StartField = (props: {
  readonly race: Race;
  readonly time: EventTime;
  readonly onStart: (startAt: string | null) => void;
}): JSX.Element => {
  const { race, time, onStart } = props;
  const id = `${race.raceId}-start`;
  /** A day chosen before there is a time of day. */
  const chosenDay = useSignal<string | null>(null);
  const asked = useSignal<StartFields | null>(null);
  const start = startFields(race.startAt, time.timezone);
  const day = start?.day ?? chosenDay.value ?? time.date;
  const gunNow = (): void => {
    const now = startNow(time.clock.now(), time.timezone);
    if (start === null) onStart(startText(now));
    else asked.value = now;
  };
  return (
    <div class="start-fields">
      <DayField
        id={`${id}-day`}
        day={day}
        onCommit={(it) => {
          chosenDay.value = it;
          if (start !== null) onStart(startText({ day: it, clock: start.clock }));
        }}
      />
      <ParsedField
        id={id}
        label="Gun start"
        hint={hintOf(race, time.timezone)}
        text={start?.clock ?? ''}
        placeholder="10:00:00"
        parse={parserFor(day)}
        onCommit={(clock) => onStart(clock === null ? null : startText({ day, clock }))}
      />
      <button type="button" class="button" disabled={time.date === ''} onClick={gunNow}>
        Gun now
      </button>
      {asked.value === null ? null : (
        <ConfirmDialog
          title={`Start ${race.name} at ${asked.value.clock}?`}
          confirmLabel="Change the start"
          danger
          onConfirm={() => {
            if (asked.value !== null) onStart(startText(asked.value));
            asked.value = null;
          }}
          onCancel={() => {
            asked.value = null;
          }}
        >
          <p>
            The race has a start already: {start?.day} {start?.clock}. Every gun time changes with it. The new one is
            the moment at which you pressed the button, by this device’s clock.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
};
