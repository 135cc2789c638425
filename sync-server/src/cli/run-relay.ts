import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CommandFailure,
  type CommandIo,
  type OpenVenueLink,
  type OptionValues,
  type RelayAddress,
  type VenueLink,
} from '@baton/schema/command';
import { createJsonLog, type Log } from '@baton/schema/ports';
import type { BackupConfig } from '../config/backup.ts';
import { type RelayConfig, relayConfigOf } from '../config.ts';
import { createHttpApp, refusalCounter } from '../http/app.ts';
import { removeUnfinishedFiles } from '../http/backup.ts';
import { createMetrics } from '../http/metrics.ts';
import { unfinishedImports as unfinishedIn } from '../keeping/archive/unfinished.ts';
import { type BackupAge, createBackupAge } from '../keeping/backup-age.ts';
import { readBackupRecord, writeBackupRecord } from '../keeping/backup-record.ts';
import { scheduleBackups } from '../keeping/scheduled-backups.ts';
import { watchDiskFloor } from '../limits/disk-floor.ts';
import { keptAdminToken, prepareDataDir } from '../platform/data-dir.ts';
import { diskSpaceOf } from '../platform/disk-space.ts';
import { lanAddresses } from '../platform/lan-addresses.ts';
import { favourThisThread } from '../platform/main-thread.ts';
import { afterTurn, systemClock, systemTimers, watchEventLoop } from '../platform/node-time.ts';
import { processUse } from '../platform/process-use.ts';
import { relayVersion } from '../platform/relay-version.ts';
import { createRelay, type Relay } from '../relay.ts';
import { guardFloor } from '../storage/floor-store.ts';
import type { Store } from '../storage/store.ts';
import { StoreOpenError } from '../storage/store-error.ts';
import { watchStore } from '../storage/watched-store.ts';
import { openWorkerStore, type WorkerStoreOptions } from '../storage/worker-store.ts';
import { watchDisk } from '../watching/disk-watch.ts';
import { createMeters } from '../watching/meters.ts';
import { createRefusalLog, tellAll } from '../watching/refusals.ts';
import type { RelaySight } from '../watching/relay-sight.ts';
import { hideSecrets } from '../watching/secret-filter.ts';
import { type Beginning, firstWords, localUrl } from './first-words.ts';

/** The pages asked for, else those built beside this package; absent when only the relay was built. */
const pagesOf = ({ pagesDir }: RelayConfig): string | null => {
  const directory =
    pagesDir === null ? fileURLToPath(new URL('../../../web/dist/', import.meta.url)) : resolve(pagesDir);
  if (existsSync(join(directory, 'index.html'))) return directory;
  if (pagesDir === null) return null;
  throw new CommandFailure(`--pages-dir ${pagesDir}: expected a directory with built pages; there is no index.html`);
};

const listenOrFail = async (relay: Relay, config: RelayConfig): Promise<Beginning['address']> => {
  try {
    return await relay.listen();
  } catch (error) {
    await relay.close();
    const cause = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(
      `cannot listen on ${config.host}:${config.port}: ${cause}; choose another --port or --host`,
    );
  }
};

/** Ends when asked to, or with a failure when the storage has failed for good. */
const runUntilStopped = async (
  relay: Relay,
  io: CommandIo,
  storageFailed: Promise<string>,
  link: VenueLink | null,
): Promise<void> => {
  const failure = await Promise.race([io.stopped.then(() => null), storageFailed]);
  await link?.close();
  await relay.close();
  if (failure !== null)
    throw new CommandFailure(`the storage failed, nothing more is acked: ${failure}; check the disk, then start again`);
};

const openStore = async (options: WorkerStoreOptions): Promise<Store> => {
  try {
    return await openWorkerStore(options);
  } catch (error) {
    if (error instanceof StoreOpenError) throw new CommandFailure(error.message);
    throw error;
  }
};

/** Known from the run before, kept for the next. */
const keptBackupAge = async (dataDir: string, journal: Log): Promise<BackupAge> =>
  createBackupAge({
    clock: systemClock,
    timers: systemTimers,
    known: await readBackupRecord(dataDir),
    keep: (madeAt) => {
      writeBackupRecord(dataDir, madeAt).catch((error: unknown) => {
        journal.warn('when the last backup was made is not known after a restart', { cause: String(error) });
      });
    },
  });

const openRelay = async (
  config: RelayConfig,
  adminToken: string,
  journal: Log,
  onFailure: (message: string) => void,
  linkSight: RelaySight['link'],
) => {
  const pagesDir = pagesOf(config);
  const { diskFloorBytes, diskLookMs } = config.limits;
  const unfinishedImports = unfinishedIn(config.dataDir);
  const age = await keptBackupAge(config.dataDir, journal);
  const metrics = createMetrics();
  const { onAppend, onSync, onClosing } = createMeters(metrics);
  const { dataDir } = config;
  const opened = await openStore({ dataDir, onFailure, onSync });
  const disk = await watchDisk({ timers: systemTimers, journal, look: () => diskSpaceOf(dataDir) }, diskLookMs);
  const floor = watchDiskFloor(
    { timers: systemTimers, journal, freeBytes: () => disk.space()?.freeBytes ?? null },
    { floorBytes: diskFloorBytes, everyMs: diskLookMs },
  );
  const store = guardFloor(watchStore(opened, { mono: systemTimers.mono, onAppend }), floor.isBelow);
  const onRefusal = tellAll(refusalCounter(metrics), createRefusalLog({ journal, timers: systemTimers }));
  const relay = await createRelay(
    {
      store,
      clock: systemClock,
      timers: systemTimers,
      ids: { uuid: randomUUID },
      journal,
      randomBytes,
      afterTurn,
      adminToken,
      unfinishedImports,
      onFailure,
      onRefusal,
      onClosing,
      http: (core) =>
        createHttpApp(core, {
          ...config,
          pagesDir,
          metrics,
          onRefusal,
          archive: { directory: dataDir, store },
          backup: { directory: dataDir, make: store.backup },
          sight: {
            version: relayVersion(),
            store: store.sight,
            disk: disk.space,
            isBelowFloor: floor.isBelow,
            backup: age,
            process: processUse,
            link: linkSight,
            loopLagSeconds: { metrics: watchEventLoop(), page: watchEventLoop() },
          },
        }),
    },
    config,
  );
  return config.backups === null ? relay : withBackups(relay, config.backups, { store, age, journal });
};

/** A relay that makes backups by itself; one that runs is waited for before the store is closed. */
const withBackups = (
  relay: Relay,
  config: BackupConfig,
  { store, ...deps }: { readonly store: Store; readonly age: BackupAge; readonly journal: Log },
): Relay => {
  const backups = scheduleBackups(config, { ...deps, clock: systemClock, timers: systemTimers, make: store.backup });
  return {
    ...relay,
    close: async () => {
      await backups.stop();
      await relay.close();
    },
  };
};

/** The link to the relay elsewhere; null: this one stands alone. */
const linkUpstream = async (
  { upstream, dataDir }: RelayConfig,
  here: RelayAddress,
  io: CommandIo,
  open: OpenVenueLink,
): Promise<VenueLink | null> => (upstream === null ? null : open({ here, there: upstream, dataDir, err: io.err }));

/** Runs the relay until it is asked to stop or its storage fails. */
export const runRelay = async (options: OptionValues, io: CommandIo, openVenueLink: OpenVenueLink): Promise<void> => {
  const config = relayConfigOf(options);
  await prepareDataDir(config.dataDir);
  const admin =
    config.adminToken === null ? await keptAdminToken(config.dataDir) : { secret: config.adminToken, fresh: false };
  const journal = hideSecrets(createJsonLog({ clock: systemClock, write: io.err }), [admin.secret]);
  let fail: (message: string) => void = () => {};
  const storageFailed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  let link: VenueLink | null = null;
  const relay = await openRelay(config, admin.secret, journal, fail, () => link?.sight() ?? null);
  favourThisThread(journal); // the store's thread was started
  await removeUnfinishedFiles(config.dataDir); // what they say of cut imports was taken in
  const address = await listenOrFail(relay, config);
  const beginning: Beginning = {
    config,
    address,
    dataDir: resolve(config.dataDir),
    adminToken: admin,
    pages: pagesOf(config) !== null,
    lanAddresses: config.lan ? lanAddresses() : [],
    onTerminal: process.stdout.isTTY === true,
  };
  for (const line of firstWords(beginning)) io.out(line);
  journal.info('relay started', { dataDir: config.dataDir, pages: beginning.pages });
  link = await linkUpstream(config, { url: localUrl(address), token: admin.secret }, io, openVenueLink);
  await runUntilStopped(relay, io, storageFailed, link);
  journal.info('relay stopped');
};
