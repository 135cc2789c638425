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
import { type RelayConfig, relayConfigOf } from '../config.ts';
import { createHttpApp, refusalCounter } from '../http/app.ts';
import { removeUnfinishedBackups } from '../http/backup.ts';
import { createMetrics } from '../http/metrics.ts';
import { keptAdminToken, prepareDataDir } from '../platform/data-dir.ts';
import { afterTurn, systemClock, systemTimers, watchEventLoop } from '../platform/node-time.ts';
import { createRelay, type Relay } from '../relay.ts';
import type { Store } from '../storage/store.ts';
import { StoreOpenError } from '../storage/store-error.ts';
import { watchStore } from '../storage/watched-store.ts';
import { openWorkerStore } from '../storage/worker-store.ts';

/** The pages asked for, else those built beside this package; absent when only the relay was built. */
const pagesOf = ({ pagesDir }: RelayConfig): string | null => {
  const directory =
    pagesDir === null ? fileURLToPath(new URL('../../../web/dist/', import.meta.url)) : resolve(pagesDir);
  if (existsSync(join(directory, 'index.html'))) return directory;
  if (pagesDir === null) return null;
  throw new CommandFailure(`--pages-dir ${pagesDir}: expected a directory with built pages; there is no index.html`);
};

const listenOrFail = async (relay: Relay, config: RelayConfig): Promise<string> => {
  try {
    const { host, port } = await relay.listen();
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
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

const openStore = async (dataDir: string, onFailure: (message: string) => void): Promise<Store> => {
  try {
    return await openWorkerStore({ dataDir, onFailure });
  } catch (error) {
    if (error instanceof StoreOpenError) throw new CommandFailure(error.message);
    throw error;
  }
};

const openRelay = async (
  config: RelayConfig,
  adminToken: string,
  journal: Log,
  onFailure: (message: string) => void,
) => {
  const pagesDir = pagesOf(config);
  const store = watchStore(await openStore(config.dataDir, onFailure));
  const metrics = createMetrics();
  const onRefusal = refusalCounter(metrics);
  return createRelay(
    {
      store,
      clock: systemClock,
      timers: systemTimers,
      ids: { uuid: randomUUID },
      journal,
      randomBytes,
      afterTurn,
      adminToken,
      onFailure,
      onRefusal,
      http: (core) =>
        createHttpApp(core, {
          ...config,
          pagesDir,
          metrics,
          onRefusal,
          isWritable: store.isWritable,
          backup: { directory: config.dataDir, make: store.backup },
          eventLoopLagSeconds: watchEventLoop(),
        }),
    },
    config,
  );
};

/** A wildcard is no address to connect to. */
const ownUrl = (url: string): string => url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');

/** The link to the relay elsewhere; null: this one stands alone. */
const linkUpstream = async (
  { upstream, dataDir }: RelayConfig,
  here: RelayAddress,
  io: CommandIo,
  open: OpenVenueLink,
): Promise<VenueLink | null> =>
  upstream === null ? null : open({ here: { ...here, url: ownUrl(here.url) }, there: upstream, dataDir, err: io.err });

/** Runs the relay until it is asked to stop or its storage fails. */
export const runRelay = async (options: OptionValues, io: CommandIo, openVenueLink: OpenVenueLink): Promise<void> => {
  const config = relayConfigOf(options);
  const journal = createJsonLog({ clock: systemClock, write: io.err });
  await prepareDataDir(config.dataDir);
  await removeUnfinishedBackups(config.dataDir);
  const admin =
    config.adminToken === null ? await keptAdminToken(config.dataDir) : { secret: config.adminToken, fresh: false };
  let fail: (message: string) => void = () => {};
  const storageFailed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const relay = await openRelay(config, admin.secret, journal, fail);
  const url = await listenOrFail(relay, config);
  io.out(`listening ${url}`);
  if (admin.fresh) io.out(`admin token: ${admin.secret}`);
  journal.info('relay started', { dataDir: config.dataDir, pages: pagesOf(config) !== null });
  const link = await linkUpstream(config, { url, token: admin.secret }, io, openVenueLink);
  await runUntilStopped(relay, io, storageFailed, link);
  journal.info('relay stopped');
};
