import type { ProcessManager } from '../consumer.ts';
import { createClockOffset } from './clock-offset.ts';
import type { WatchedEvent } from './course.ts';
import { createFinishWebhook } from './finish-webhook.ts';
import { createSilence } from './silence.ts';
import { createUnknownChips } from './unknown-chips.ts';

/** What `baton watch` runs. All of them follow all of the time; each says something while operators have it switched on. */
export const shippedManagers = (facts: WatchedEvent): readonly ProcessManager<unknown>[] => [
  createSilence(facts),
  createUnknownChips(facts),
  createClockOffset(facts),
  createFinishWebhook(facts),
];
