import type { Log } from '@baton/schema/ports';
import { silentLog } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import { type OpenedReplica, openedReplica } from '../../replica/opened-replica.ts';
import { openPgliteReplica, type ReplicaOpenError } from '../../replica/pglite-replica.ts';
import { type PullSource, pullFrom, type RunningPull } from '../../replica/pull-source.ts';
import { systemClock, systemRandom, systemTimers } from './runtime.ts';
import { openWsSocket } from './ws-socket.ts';

export interface NodeReplicaOptions {
  /** Made if absent; one process at a time owns it. */
  readonly dataDir: string;
  /** Names this program to another that finds the directory in use. */
  readonly owner?: string;
  /** Without it, only what is held already is shown. */
  readonly pull?: PullSource;
  readonly log?: Log;
}

/** Opens the replica of a directory, and fills it from a relay where one is named. */
export const openReplica = async ({
  dataDir,
  owner = `process ${process.pid}`,
  pull,
  log = silentLog,
}: NodeReplicaOptions): Promise<Result<OpenedReplica, ReplicaOpenError>> => {
  const opened = await openPgliteReplica({ timers: systemTimers, log }, { dataDir, owner });
  if (!opened.ok) return opened;
  const replica = opened.value;
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, log, openSocket: openWsSocket };
  const running: RunningPull | null = pull === undefined ? null : pullFrom(ports, pull, replica, () => {});
  const close = async (): Promise<void> => {
    await running?.end();
    await replica.close();
  };
  return { ok: true, value: openedReplica(replica, systemTimers, () => running?.status() ?? null, close) };
};
