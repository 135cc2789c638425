import './part-words.ts';
import type { JSX } from 'preact';
import type { Notifier } from './notifier.ts';
import { say } from './words.ts';

/** Notifications are offered to whoever has a favourite, and to nobody else. */
export const NotifyOffer = (props: { readonly notifier: Notifier }): JSX.Element | null => {
  const { state, turnOn, turnOff } = props.notifier;
  switch (state.value) {
    case 'unsupported':
      return null;
    case 'denied':
      return <p class="muted small">{say('notifyDenied')}</p>;
    case 'on':
      return (
        <div class="row">
          <span role="status">{say('notifyOn')}</span>
          <button type="button" class="button button-small" onClick={turnOff}>
            {say('notifyOff')}
          </button>
        </div>
      );
    case 'off':
      return (
        <div class="stack-tight">
          <div>
            <button type="button" class="button" onClick={() => void turnOn()}>
              {say('notify')}
            </button>
          </div>
          <p class="muted small measure">{say('notifyWhy')}</p>
        </div>
      );
  }
};
