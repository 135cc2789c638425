import type { Timer, Timers } from '@baton/schema/ports';
import type { Awareness } from 'y-protocols/awareness';
import { z } from 'zod';

/** Somebody else who has the document open to edit it; each page of theirs is one. */
export interface Present {
  readonly clientId: number;
  /** Whose token it is, as the relay says; null: it does not say. */
  readonly user: { readonly name: string; readonly role: string } | null;
  /** The part of the page they look at. */
  readonly view: string | null;
  /** The entry they are at, as a `Place`. */
  readonly editing: readonly string[] | null;
}

/** What this page says of itself. */
export interface Said {
  readonly view: string | null;
  readonly editing: readonly string[] | null;
}

/** Who is here, besides this page. */
export interface Presence {
  readonly others: () => readonly Present[];
  /** Says more, or something else; at most a few times a second, the last of it always. */
  readonly say: (said: Partial<Said>) => void;
  /** Says it again: a new connection begins without. */
  readonly renew: () => void;
  /** After others came, went or said something else. Returns the way to stop. */
  readonly onChange: (listener: () => void) => () => void;
  /** Others no longer see this page. */
  readonly close: () => void;
}

const PAUSE_MS = 300;
const MAX_OTHERS = 100;

/** Others wrote it, also other versions: a part that does not parse was not said. */
const State = z.object({
  user: z
    .object({ name: z.string().min(1).max(200), role: z.string().max(32) })
    .nullable()
    .catch(null),
  view: z.string().max(64).nullable().catch(null),
  editing: z.array(z.string().max(400)).min(1).max(6).nullable().catch(null),
});

const presentOf = (clientId: number, state: unknown): readonly Present[] => {
  const parsed = State.safeParse(state);
  return parsed.success ? [{ clientId, ...parsed.data }] : [];
};

/** Over the awareness of y-protocols, which says things again each 15 s and forgets who is silent for 30 s. */
export const createPresence = (awareness: Awareness, timers: Timers): Presence => {
  let said: Said = { view: null, editing: null };
  let pause: Timer | null = null;
  let waiting = false;

  const flush = (): void => {
    waiting = false;
    awareness.setLocalState({ ...said });
    pause = timers.after(PAUSE_MS, () => {
      pause = null;
      if (waiting) flush();
    });
  };

  return {
    others: () =>
      [...awareness.states]
        .filter(([clientId]) => clientId !== awareness.clientID)
        .slice(0, MAX_OTHERS)
        .flatMap(([clientId, state]) => presentOf(clientId, state)),
    say: (more) => {
      said = { ...said, ...more };
      if (pause === null) flush();
      else waiting = true;
    },
    renew: () => {
      if (awareness.getLocalState() !== null) awareness.setLocalState(awareness.getLocalState());
    },
    onChange: (listener) => {
      awareness.on('change', listener);
      return () => awareness.off('change', listener);
    },
    close: () => {
      pause?.clear();
      awareness.setLocalState(null);
    },
  };
};
