import { type Alarm, acknowledgeAlarm } from '@baton/schema/doc';
import type { Clock } from '@baton/schema/ports';
import type { JSX } from 'preact';
import type { Announcer } from '../../platform/announcer-store.ts';
import { Empty } from '../../ui/notice.tsx';
import { Pill } from '../../ui/pill.tsx';
import { agoText, dayAndClockText } from '../../ui/time-text.ts';
import type { SetupStore } from '../setup-store.ts';

interface ListProps {
  readonly setup: SetupStore;
  readonly announcer: Announcer;
  readonly clock: Clock;
  /** Who looks. */
  readonly name: string;
  readonly now: number;
  readonly timezone: string;
}

const Acknowledged = (props: { readonly alarm: Alarm; readonly timezone: string }): JSX.Element | null => {
  const { acknowledged } = props.alarm;
  if (acknowledged === null) return null;
  return (
    <span class="small muted">
      seen by {acknowledged.by}, {dayAndClockText(acknowledged.at, props.timezone)}
    </span>
  );
};

const RaisedLine = (props: ListProps & { readonly alarm: Alarm }): JSX.Element => {
  const { alarm, timezone, now } = props;
  const acknowledge = (): void => {
    props.setup.edit((doc) => acknowledgeAlarm(doc, alarm, props.name, props.clock.now()));
    props.announcer.say('Acknowledged. It stays here until it is over.');
  };
  return (
    <li class={`alarm-item${alarm.acknowledged === null ? ' alarm-unseen' : ''}`}>
      <div class="alarm-words">
        <strong>{alarm.message}</strong>
        <span class="small muted">
          since {dayAndClockText(alarm.raisedAt, timezone)} ({agoText(alarm.raisedAt, now)})
        </span>
        <Acknowledged alarm={alarm} timezone={timezone} />
      </div>
      {alarm.acknowledged === null ? (
        <button type="button" class="button button-small" onClick={acknowledge}>
          Acknowledge<span class="visually-hidden">: {alarm.message}</span>
        </button>
      ) : (
        <Pill tone="warn">seen</Pill>
      )}
    </li>
  );
};

const ClearedLine = (props: { readonly alarm: Alarm; readonly timezone: string }): JSX.Element => {
  const { alarm, timezone } = props;
  return (
    <li class="alarm-item">
      <div class="alarm-words">
        <span>{alarm.message}</span>
        <span class="small muted">
          {dayAndClockText(alarm.raisedAt, timezone)} to {dayAndClockText(alarm.clearedAt ?? alarm.raisedAt, timezone)}
        </span>
        <Acknowledged alarm={alarm} timezone={timezone} />
      </div>
      <Pill tone="ok" hollow>
        over
      </Pill>
    </li>
  );
};

const NoAlarm = (props: { readonly isWatched: boolean }): JSX.Element =>
  props.isWatched ? (
    <Empty title="No alarm">Nothing is wrong of what is watched, as far as baton watch has told.</Empty>
  ) : (
    <Empty title="No alarm is switched on">Switch on below what should be watched.</Empty>
  );

/** What is wrong now, and what was. */
export const AlarmList = (props: ListProps): JSX.Element => {
  const { alarms, watch } = props.setup.setup.value;
  const raised = alarms.filter(({ clearedAt }) => clearedAt === null);
  const cleared = alarms.filter(({ clearedAt }) => clearedAt !== null);
  return (
    <>
      <section class={`card${raised.length > 0 ? ' alarms-raised' : ''}`} aria-labelledby="alarms-title">
        <div class="card-head">
          <h2 id="alarms-title">Alarms</h2>
          {raised.length === 0 ? null : <Pill tone="bad">{raised.length} now</Pill>}
        </div>
        {raised.length === 0 ? (
          <NoAlarm isWatched={watch.silenceOn || watch.unknownChipsOn || watch.clockOffsetOn} />
        ) : (
          <ul class="plain alarm-list">
            {raised.map((alarm) => (
              <RaisedLine key={alarm.alarmId} {...props} alarm={alarm} />
            ))}
          </ul>
        )}
      </section>
      {cleared.length === 0 ? null : (
        <section class="card" aria-labelledby="cleared-title">
          <div class="card-head">
            <h2 id="cleared-title">Over</h2>
          </div>
          <ul class="plain alarm-list">
            {cleared.map((alarm) => (
              <ClearedLine key={alarm.alarmId} alarm={alarm} timezone={props.timezone} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
};
