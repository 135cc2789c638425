import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { EventStore } from './event-store.ts';
import type { Notifier } from './notifier.ts';
import { say } from './words.ts';

const Offer = (props: { readonly notifier: Notifier }): JSX.Element | null => {
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

/** Notifications are offered to whoever has a favourite, and to nobody else. */
export const NotifyOffer = (props: { readonly store: EventStore }): JSX.Element | null => {
  const notifier = useSignal<Notifier | null>(null);
  useEffect(() => {
    void props.store.notifier().then((it) => {
      notifier.value = it;
    });
  }, [props.store]);
  return notifier.value === null ? null : <Offer notifier={notifier.value} />;
};
