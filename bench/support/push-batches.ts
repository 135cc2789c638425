import type { StreamId } from '@baton/schema/ids';
import type { SyncPeer } from './sync-peer.ts';

const WINDOW = 8;

/** Pushes batches of `size` reads into an epoch, from read `first` on; resolves when the last is acked. */
export const pushBatches = (
  peer: SyncPeer,
  to: { readonly streamId: StreamId; readonly epoch: number },
  batches: readonly Uint8Array[],
  size: number,
  first = 1,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let next = 0;
    let acked = 0;
    const push = (): void => {
      const batch = batches[next];
      if (batch === undefined) return;
      peer.push({ ...to, firstSeq: first + next * size, pushId: next, batch });
      next++;
    };
    peer.onMessage((message) => {
      if (message.type !== 'pushed') return;
      for (const entry of message.entries) {
        if (entry.outcome !== 'accepted') return reject(new Error(`push ${entry.pushId}: ${entry.outcome}`));
        acked++;
        push();
      }
      if (acked === batches.length) resolve();
    });
    for (let open = 0; open < WINDOW; open++) push();
  });
