import { createRosterReader, readSetup, rosterDocName, setupDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { FollowDoc } from '../../doc/doc-client.ts';
import type { SetupItem } from '../consumer.ts';

/** The event's documents, opened when first asked for and followed until `close`; they reconnect by themselves. */
export interface EventDocuments {
  /**
   * Calls with the documents as they are once both are here, and after each change; or with why the relay refuses them for good.
   * Returns the way to stop.
   */
  readonly follow: (listener: (setup: SetupItem) => void, onRefused: (reason: string) => void) => () => void;
  readonly close: () => void;
}

interface Listener {
  readonly onSetup: (setup: SetupItem) => void;
  readonly onRefused: (reason: string) => void;
}

/** Edits come in bursts. */
const SETTLE_MS = 100;

export const followEventDocuments = (
  deps: { readonly timers: Timers; readonly log: Log; readonly followDoc: FollowDoc },
  eventId: EventId,
): EventDocuments => {
  const [setup, roster] = [deps.followDoc(setupDocName(eventId)), deps.followDoc(rosterDocName(eventId))];
  const readRoster = createRosterReader();
  const listeners = new Set<Listener>();
  let known: SetupItem | null = null;
  let settling: Timer | null = null;

  const read = (): SetupItem => {
    const [races, people] = [readSetup(setup.doc), readRoster(roster.doc)];
    const count = races.problems.length + people.problems.length;
    if (count > 0) deps.log.warn('entries of setup or roster do not parse and are left out', { count });
    return { type: 'setup', setup: races.setup, roster: people.roster };
  };

  const tell = (): void => {
    settling = null;
    const now = read();
    known = now;
    for (const { onSetup } of listeners) onSetup(now);
  };

  const refusal = (): string | null => {
    const refused = [setup.link(), roster.link()].find(({ type }) => type === 'refused');
    return refused?.type === 'refused' ? refused.reason : null;
  };

  const changed = (): void => {
    const refused = refusal();
    if (refused !== null) for (const { onRefused } of listeners) onRefused(refused);
    if (!setup.isLoaded() || !roster.isLoaded()) return;
    if (known === null) tell();
    else settling ??= deps.timers.after(SETTLE_MS, tell);
  };

  for (const { doc, onChange } of [setup, roster]) {
    doc.on('update', changed);
    onChange(changed);
  }

  return {
    follow: (onSetup, onRefused) => {
      const listener = { onSetup, onRefused };
      const refused = refusal();
      listeners.add(listener);
      if (known !== null) onSetup(known);
      else if (refused !== null) deps.timers.after(0, () => listeners.has(listener) && onRefused(refused));
      return () => listeners.delete(listener);
    },
    close: () => {
      settling?.clear();
      setup.close();
      roster.close();
    },
  };
};
