import type { DocPeers } from './doc-peers.ts';
import type { LiveDoc } from './live-doc.ts';

export interface SavedAnnouncer {
  /** Something was received or changed: tell the peers once the disk has it. */
  readonly request: () => void;
  readonly isRunning: () => boolean;
}

/**
 * Tells peers what is on disk, never what is merely in memory. Coalesced: whatever happens while one
 * announcement waits for the disk makes one more. `onIdle` is called when nothing waits any more.
 */
export const createSavedAnnouncer = (deps: {
  readonly live: () => LiveDoc;
  readonly peers: DocPeers;
  readonly onIdle: () => void;
}): SavedAnnouncer => {
  const { peers } = deps;
  let wanted = false;
  let running = false;

  const announce = async (): Promise<void> => {
    wanted = false;
    const live = deps.live();
    const stateVector = live.stateVector();
    const received = new Map(
      peers.all().flatMap((peer) => (peer.confirmsSaves ? [[peer, peer.received] as const] : [])),
    );
    if ((await live.settled()) === null) peers.announceSaved(stateVector, received);
  };

  const run = async (): Promise<void> => {
    running = true;
    // the rest of this turn belongs to the same announcement
    await Promise.resolve();
    while (wanted || !deps.live().isIdle()) {
      if (wanted) await announce();
      else await deps.live().drained();
    }
    running = false;
    deps.onIdle();
  };

  return {
    request: () => {
      wanted = true;
      if (!running) void run();
    },
    isRunning: () => running,
  };
};
