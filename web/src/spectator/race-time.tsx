import './part-words.ts';
import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { EventInfo, RaceInfo } from './public-body.ts';
import { isClockShown, raceClockMs, runningText } from './race-clock.ts';
import { say } from './words.ts';

export interface RaceTimeProps {
  readonly event: EventInfo;
  readonly race: RaceInfo;
  readonly now: ReadonlySignal<number>;
  readonly skewMs: ReadonlySignal<number>;
}

/** The clock of a race as it runs, by the relay's clock; nothing where there is no start, or nothing runs any more. */
export const RaceTime = (props: RaceTimeProps): JSX.Element | null => {
  const { event, race } = props;
  const ms = raceClockMs(race.startAt, event.timezone, props.now.value + props.skewMs.value);
  if (ms === null || !isClockShown(event.status, ms)) return null;
  return (
    <p class="race-clock">
      <span class="muted small">{say(ms < 0 ? 'startsIn' : 'raceClock')}</span>{' '}
      <span class="race-clock-time" role="timer">
        {runningText(ms)}
      </span>
    </p>
  );
};
