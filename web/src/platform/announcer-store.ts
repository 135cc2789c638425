import type { Timer, Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';

/** What the page last did for somebody, or could not do. */
export interface Announcement {
  readonly tone: 'ok' | 'bad';
  readonly text: string;
}

export interface Announcer {
  readonly current: ReadonlySignal<Announcement | null>;
  /** It worked: shown for a few seconds. */
  readonly say: (text: string) => void;
  /** It did not: shown until dismissed. */
  readonly fail: (text: string) => void;
  readonly dismiss: () => void;
}

const SHOWN_MS = 5000;

export const createAnnouncer = (timers: Timers): Announcer => {
  const current = signal<Announcement | null>(null);
  let end: Timer | null = null;
  const show = (announcement: Announcement | null): void => {
    end?.clear();
    current.value = announcement;
  };
  return {
    current,
    say: (text) => {
      show({ tone: 'ok', text });
      end = timers.after(SHOWN_MS, () => show(null));
    },
    fail: (text) => show({ tone: 'bad', text }),
    dismiss: () => show(null),
  };
};
