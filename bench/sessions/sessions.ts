import { type Benchmark, type Figures, residentBytes, rounded } from '../support/measure.ts';
import { openStage } from '../support/stage.ts';
import { openSyncPeer, type SyncPeer } from '../support/sync-peer.ts';

const SESSIONS = 1000;

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  try {
    const before = (await residentBytes(stage.relay.pid)) ?? Number.NaN;
    const peers: SyncPeer[] = [];
    for (let index = 0; index < SESSIONS; index++) {
      const nodeId = `r${index}`;
      peers.push(
        await openSyncPeer(stage.url, await stage.token('receiver', nodeId), {
          eventId: stage.eventId,
          nodeId,
          readers: [],
        }),
      );
    }
    const after = (await residentBytes(stage.relay.pid)) ?? Number.NaN;
    for (const peer of peers) peer.close();
    return {
      'relay RSS MB before': rounded(before / 1e6),
      [`relay RSS MB with ${SESSIONS} idle sessions`]: rounded(after / 1e6),
      'KB per session (token and attachment included)': rounded((after - before) / SESSIONS / 1000),
    };
  } finally {
    await stage.dispose();
  }
};

export const sessions: Benchmark = {
  name: 'sessions',
  method: `${SESSIONS} receivers attach over /sync and stay idle; resident memory of the relay's process`,
  run,
};
