import { createHash } from 'node:crypto';
import { EventId, NodeId } from '@baton/schema/ids';
import { createJsonLog } from '@baton/schema/ports';
import { createSocketNetwork, createVirtualTime } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection } from '../../src/connection/connection.ts';
import { createPullClient } from '../../src/reads/pull-client.ts';
import type { PgliteDatabase } from '../../src/replica/pglite-database.ts';
import { createScriptedRelay } from '../reads/scripted-relay.ts';
import { MAT, madeFrames, madeRead } from './made-reads.ts';
import { openShared, type SharedDatabase } from './open-in-memory.ts';
import { replicaOverDatabase } from './over-shared.ts';
import { realTimers } from './real-timers.ts';

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await openShared();
}, 120_000);
afterAll(() => shared.close());

const MAT1 = { streamId: MAT, epoch: 1 };

const hashOf = (count: number): string => {
  const hash = createHash('sha256');
  for (let seq = 1; seq <= count; seq++) hash.update(madeRead(MAT, 1, seq).raw).update('\n');
  return hash.digest('hex');
};

const verifyAll = async (database: PgliteDatabase): Promise<readonly unknown[]> => {
  const verdicts: unknown[] = [];
  for (let steps = 0; steps < 100; steps++) {
    const step = await database.verify();
    if (step.type === 'idle') return verdicts;
    if (step.type === 'checked') verdicts.push(step.match);
  }
  throw new Error('the comparison does not come to an end');
};

const tamper = (seq: number) => shared.rows("UPDATE reads SET raw = 'other bytes'::bytea WHERE seq = $1", [seq]);

const seal = (database: PgliteDatabase, head: number, hash: string) =>
  database.applyTargets([{ ...MAT1, head, sealed: true, hash }]);

describe('sealed epochs', () => {
  it('[P3] are compared with the relay’s hash once they are wholly held', async () => {
    const database = await shared.fresh();
    await database.applyReads(madeFrames(MAT, 1, 1, 8999));
    await seal(database, 9000, hashOf(9000));
    expect(await verifyAll(database)).toEqual([]);
    await database.applyReads(madeFrames(MAT, 1, 9000, 9000));
    expect(await database.progress()).toMatchObject([{ held: 9000, head: 9000, check: 'checking' }]);
    expect(await verifyAll(database)).toEqual([true]);
    expect(await database.progress()).toMatchObject([{ check: 'match', heldHash: hashOf(9000), repairs: 0 }]);
    expect(await verifyAll(database)).toEqual([]);
  });

  it('[P3] of no reads at all, and of a multiple of a step, match too', async () => {
    const database = await shared.fresh();
    await seal(database, 0, hashOf(0));
    expect(await verifyAll(database)).toEqual([true]);
    await database.applyReads(madeFrames(MAT, 1, 1, 8192));
    await seal(database, 8192, hashOf(8192));
    expect(await verifyAll(database)).toEqual([true]);
  });

  it('[P3] whose bytes changed on the disk since are found at the next open', async () => {
    const database = await shared.fresh();
    await database.applyReads(madeFrames(MAT, 1, 1, 100));
    await seal(database, 100, hashOf(100));
    expect(await verifyAll(database)).toEqual([true]);
    await tamper(50);
    const reopened = await shared.restart();
    expect(await verifyAll(reopened)).toEqual([false]);
    expect(await reopened.progress()).toMatchObject([{ check: 'mismatch', repairs: 0 }]);
    expect(await shared.rows('SELECT epoch, missing, seal_check FROM incomplete')).toEqual([
      { epoch: 1, missing: 0, seal_check: 'mismatch' },
    ]);
    await reopened.dropEpoch(MAT1);
    expect(await reopened.clock()).toEqual(new Map());
    expect(await reopened.progress()).toMatchObject([{ held: 0, head: 100, check: 'unchecked', repairs: 1 }]);
    expect(await shared.rows('SELECT count(*) FROM chip_totals')).toEqual([{ count: 0 }]);
    const pos = (await reopened.end()).pos;
    expect((await (await shared.restart()).end()).pos).toBe(pos); // no position is given twice
    await reopened.applyReads(madeFrames(MAT, 1, 1, 100));
    expect(await verifyAll(reopened)).toEqual([true]);
    expect(await reopened.progress()).toMatchObject([{ held: 100, check: 'match', repairs: 0 }]);
  });

  it('[P3] a relay that tells no hash leaves them unchecked', async () => {
    const database = await shared.fresh();
    await database.applyReads(madeFrames(MAT, 1, 1, 10));
    await database.applyTargets([{ ...MAT1, head: 10, sealed: true }]);
    expect(await verifyAll(database)).toEqual([]);
    expect(await database.progress()).toMatchObject([{ sealed: true, hash: null, check: 'unchecked' }]);
  });
});

/** A receiver over a real database and a scripted relay. */
const startReceiver = async () => {
  const lines: string[] = [];
  const log = createJsonLog({ clock: { now: () => 0 }, write: (line) => lines.push(line) });
  const relay = createScriptedRelay();
  const network = createSocketNetwork(relay.onConnect);
  const time = createVirtualTime();
  const replica = replicaOverDatabase(await shared.restart(), log);
  const connectionDeps = { ...time, log, random: { next: () => 0.5 }, openSocket: network.openSocket };
  const client = await createPullClient(
    {
      replica,
      timers: realTimers,
      log,
      openConnection: (handlers) =>
        createConnection(connectionDeps, {
          url: 'http://relay',
          token: 't',
          hello: () => ({ eventId: EventId.parse('e1'), nodeId: NodeId.parse('laptop'), clientVersion: '0.1' }),
          handlers,
        }),
    },
    { selection: { mode: 'manual', streams: [MAT] }, joinMs: 1 },
  );
  /** Delivers frames until it is so. */
  const until = async (isSo: () => boolean): Promise<void> => {
    const giveUp = realTimers.mono() + 30_000;
    while (!isSo()) {
      if (realTimers.mono() > giveUp) throw new Error(`not within 30 s: ${JSON.stringify(client.status())}`);
      network.flush();
      await time.advanceAsync(0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const stop = async (): Promise<void> => {
    await client.close();
    await replica.close();
  };
  return { relay, client, lines, until, stop, check: () => client.status().streams[0]?.check };
};

describe('a receiver whose disk changed what it held', () => {
  const fill = async (): Promise<void> => {
    const database = await shared.fresh();
    await database.applyReads(madeFrames(MAT, 1, 1, 500));
    await seal(database, 500, hashOf(500));
    await tamper(77);
  };

  it('[P3] [P13] raises an alarm, pulls the epoch again by itself, and says that it matches', async () => {
    await fill();
    const { relay, client, lines, until, stop, check } = await startReceiver();
    await until(() => check() === 'mismatch');
    expect(client.status().warnings).toMatchObject([{ type: 'mismatch', epoch: 1 }]);
    expect((await client.repair(MAT1)).ok).toBe(false); // offline: what is held stays
    expect(client.status().streams).toMatchObject([{ held: 500 }]);
    relay.grow(MAT1, 500);
    relay.seal(MAT1, hashOf(500));
    client.connect();
    await until(() => check() === 'match');
    expect(client.status()).toMatchObject({ warnings: [], streams: [{ held: 500, complete: true }] });
    expect(relay.selects.map((it) => it.clock)).toEqual([{ [MAT]: { 1: 500 } }, {}]);
    expect(lines.join('')).toContain('not what the relay sealed');
    expect(await shared.rows("SELECT count(*) FROM reads WHERE raw = 'other bytes'::bytea")).toEqual([{ count: 0 }]);
    await stop();
  }, 60_000);

  it('[P3] does so once: what still differs stays an alarm until a person asks', async () => {
    await fill();
    const { relay, client, until, stop, check } = await startReceiver();
    relay.grow(MAT1, 500);
    relay.seal(MAT1, 'ab'.repeat(32)); // the relay's own disk is wrong
    client.connect();
    const told = (): string =>
      client
        .status()
        .warnings.map((it) => it.message)
        .join();
    await until(() => check() === 'mismatch' && told().includes('pulled again and is still not'));
    expect(relay.selects).toHaveLength(2);
    expect((await client.repair(MAT1)).ok).toBe(true);
    await until(() => relay.selects.length === 3 && check() === 'mismatch');
    expect(relay.selects).toHaveLength(3);
    expect(await client.repair({ streamId: MAT, epoch: 9 })).toMatchObject({ error: { type: 'not-selected' } });
    await stop();
  }, 60_000);
});
