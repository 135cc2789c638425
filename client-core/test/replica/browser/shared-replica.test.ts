import { silentLog } from '@baton/schema/ports';
import { afterEach, describe, expect, it } from 'vitest';
import { openSharedReplica, type SharedReplica } from '../../../src/replica/browser/shared-replica.ts';
import { type OpenTabLine, readTabMessage, type TabMessage } from '../../../src/replica/browser/tab-line.ts';
import type { Commit, Replica } from '../../../src/replica/replica.ts';
import { MAT, madeFrames } from '../made-reads.ts';
import { realTimers } from '../real-timers.ts';
import { createFakeLocks } from './fake-locks.ts';
import { startInProcess } from './worker-in-process.ts';

/** The tabs of one browser: its locks, and a channel that clones what is said. */
const createBrowser = () => {
  const locks = createFakeLocks();
  const lines = new Set<(message: TabMessage) => void>();
  const open: SharedReplica[] = [];
  const said: TabMessage[] = [];
  let tabs = 0;
  /** Calls are not passed on while it is set. */
  let deaf = false;

  const openLine: OpenTabLine = (_name, onMessage) => {
    lines.add(onMessage);
    return {
      post: (message) => {
        said.push(message);
        const heard = readTabMessage(structuredClone(message));
        if (heard === null || (deaf && heard.type === 'call')) return;
        for (const line of lines) if (line !== onMessage) setImmediate(() => lines.has(line) && line(heard));
      },
      close: () => lines.delete(onMessage),
    };
  };

  const openTab = (work: { commands?: unknown[]; replicas?: Replica[] } = {}): SharedReplica => {
    const shared = openSharedReplica(
      {
        timers: realTimers,
        log: silentLog,
        ids: { uuid: () => `id-${++tabs}` },
        locks,
        openLine,
        onLifecycle: () => () => {},
        startWorker: startInProcess,
        storage: { manager: null, indexedDb: null },
        work: (replica) => {
          work.replicas?.push(replica);
          return { onCommand: (value) => void work.commands?.push(value), end: async () => {} };
        },
      },
      { name: 'e1.desk', modes: ['opfs', 'memory'], limits: { openMs: 60_000, callMs: 60_000 }, callMs: 600_000 },
    );
    open.push(shared);
    return shared;
  };

  return {
    openTab,
    said,
    setDeaf: (value: boolean) => {
      deaf = value;
    },
    close: async () => {
      for (const it of open) await it.close();
    },
  };
};

const becomes = (shared: SharedReplica, type: string): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (shared.ownership().type !== type) return;
      stop();
      resolve();
    };
    const stop = shared.onChange(look);
    look();
  });

describe('the tabs of one browser', () => {
  let browser = createBrowser();
  afterEach(async () => {
    await browser.close();
    browser = createBrowser();
  });

  it('[P3] [P13] share the owner’s replica, and one takes over with a call in flight', async () => {
    const commands: unknown[] = [];
    const replicas: Replica[] = [];
    const owner = browser.openTab({ commands, replicas });
    await becomes(owner, 'owner');
    const follower = browser.openTab({ replicas });
    await becomes(follower, 'follower');
    expect(replicas).toHaveLength(1);
    expect(follower.storage()).toMatchObject({ mode: 'memory', refused: [{ mode: 'opfs' }] });

    const commits: Commit[] = [];
    follower.replica.onCommit((commit) => commits.push(commit));
    expect(await owner.replica.applyReads(madeFrames(MAT, 1, 1, 500))).toMatchObject({ type: 'applied', stored: 500 });
    expect(await follower.replica.applyReads(madeFrames(MAT, 1, 501, 510))).toMatchObject({ type: 'lost' });
    const query = 'SELECT count(*)::int AS n FROM reads';
    expect(await follower.replica.query(query)).toEqual({ ok: true, value: [{ n: 500 }] });
    expect(await follower.replica.query('SELEC')).toMatchObject({ ok: false, error: { type: 'sql-error' } });
    expect(await follower.replica.select(query)).toMatchObject({ ok: true, value: { rows: [[500]] } });
    expect([...(await follower.replica.clock()).values()]).toEqual([500]);
    expect(commits.map((it) => it.stored)).toEqual([500]);
    const before = await follower.replica.readFrom({ type: 'stream', streamId: MAT }, 0, 10);
    expect(before.reads.map((it) => it.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

    owner.publish({ status: 'live' });
    follower.command('select');
    await follower.replica.query('SELECT 1');
    expect(follower.published()).toEqual({ status: 'live' });
    expect(commands).toEqual(['select']);
    follower.publish('not the owner');
    expect(follower.published()).toEqual({ status: 'live' });

    browser.setDeaf(true);
    const inFlight = follower.replica.query(query);
    await owner.close();
    await becomes(follower, 'owner');
    // its own database, empty: a relay fills it again
    expect(await inFlight).toEqual({ ok: true, value: [{ n: 0 }] });
    expect(replicas).toHaveLength(2);
    const after = await follower.replica.readFrom({ type: 'stream', streamId: MAT }, 0, 10);
    expect(after.generation).toBeGreaterThan(before.generation);
    expect(owner.ownership()).toMatchObject({ type: 'unavailable', reason: 'closed' });
    expect(await owner.replica.query(query)).toMatchObject({ ok: false, error: { type: 'lost' } });
  }, 120_000);
});

describe('words of tabs', () => {
  it('are left out where they are not understood', () => {
    const from = 'a';
    const call = { type: 'call', from, to: 'b', id: 1, method: 'query', args: ['SELECT 1'] };
    expect(readTabMessage(call)).toEqual(call);
    for (const odd of [
      null,
      'ping',
      { type: 'ping' },
      { type: 'dance', from },
      { ...call, method: 'applyReads' },
      { ...call, method: 'close' },
      { ...call, args: 'SELECT 1' },
      { ...call, to: undefined },
      { type: 'answer', from, id: '1', to: 'b' },
      { type: 'owner', from, version: 1, opens: false },
    ]) {
      expect(readTabMessage(odd)).toBeNull();
    }
  });
});
