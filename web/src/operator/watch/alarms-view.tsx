import type { MeBody } from '@baton/schema/http';
import type { Clock } from '@baton/schema/ports';
import type { JSX } from 'preact';
import type { Announcer } from '../../platform/announcer-store.ts';
import type { SetupStore } from '../setup-store.ts';
import { AlarmList } from './alarm-list.tsx';
import { WATCHERS } from './watch-edit.ts';
import { WatcherCard } from './watcher-card.tsx';

/** What is wrong, what was, and what is watched. All of it lies in the set-up document: it works without the relay, too. */
export const AlarmsView = (props: {
  readonly setup: SetupStore;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly origin: string;
  readonly me: () => MeBody | null;
  readonly now: number;
  readonly timezone: string;
}): JSX.Element => {
  const me = props.me();
  return (
    <div class="stack">
      <AlarmList {...props} name={me?.label ?? me?.role ?? 'somebody'} />
      <div class="watch-grid">
        {WATCHERS.map((watcher) => (
          <WatcherCard key={watcher.id} watcher={watcher} setup={props.setup} />
        ))}
      </div>
      <p class="small muted">
        What is switched on is done by a program that must run somewhere:{' '}
        <code>baton watch --relay {props.origin} --token …</code>, with an operator’s token.
      </p>
    </div>
  );
};
