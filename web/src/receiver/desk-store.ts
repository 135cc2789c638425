import type { MeBody } from '@baton/schema/http';
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { SessionStore } from '../platform/session-store.ts';
import type { ReceiverDesk } from './desk.ts';

/** The desk of whoever is signed in: opened and closed with the session. */
export const createDeskStore = (
  session: SessionStore,
  open: (me: MeBody, token: string) => Promise<ReceiverDesk | null>,
): ReadonlySignal<ReceiverDesk | null> => {
  const desk = signal<ReceiverDesk | null>(null);
  let wanted: string | null = null;

  /** `forget`: whoever sits here next finds nothing of it. */
  const replace = (next: ReceiverDesk | null, forget = false): void => {
    const before = desk.peek();
    if (forget) void before?.forget();
    else before?.close();
    desk.value = next;
  };

  const openFor = async (me: MeBody, token: string): Promise<void> => {
    const opened = await open(me, token);
    if (wanted === token) replace(opened);
    else opened?.close();
  };

  effect(() => {
    const current = session.session.value;
    const token = current.type === 'signed-in' ? current.token : null;
    if (token === wanted) return;
    wanted = token;
    // an access that has ended leaves the reads here: the same receiver's next one finds them
    replace(null, current.type === 'signed-out' && current.problem === null);
    if (current.type === 'signed-in') void openFor(current.me, current.token);
  });
  return desk;
};
