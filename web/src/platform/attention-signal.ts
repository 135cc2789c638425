import { type ReadonlySignal, signal } from '@preact/signals';
import type { Attention } from './attention.ts';

/** Whether the device believes it has a network. */
export const createOnlineSignal = (attention: Attention): ReadonlySignal<boolean> => {
  const online = signal(attention.online());
  attention.onChange(() => {
    online.value = attention.online();
  });
  return online;
};
