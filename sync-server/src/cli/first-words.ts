import { join } from 'node:path';
import type { HostingConfig } from '../config/hosting.ts';
import type { AdminToken } from '../platform/data-dir.ts';
import type { LanAddress } from '../platform/lan-addresses.ts';
import { qrLines } from './qr-lines.ts';

/** A relay that has just begun to listen. */
export interface Beginning {
  readonly config: Pick<HostingConfig, 'lan' | 'publicUrl' | 'hideAdminToken'>;
  readonly address: { readonly host: string; readonly port: number };
  /** Absolute. */
  readonly dataDir: string;
  readonly adminToken: AdminToken;
  /** It has pages to serve. */
  readonly pages: boolean;
  readonly lanAddresses: readonly LanAddress[];
  /** A terminal shows what is said. */
  readonly onTerminal: boolean;
}

const httpUrl = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** An address that can be opened on this machine: all interfaces together are none. */
const localHost = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
};

/** The secret stands in the fragment, as in an invitation link: browsers send that to nobody. */
/** Where this machine itself reaches the relay. */
export const localUrl = ({ host, port }: Beginning['address']): string => httpUrl(localHost(host), port);

const adminLink = ({ config, address, adminToken }: Beginning): string => {
  const page = `${config.publicUrl ?? localUrl(address)}/admin`;
  return config.hideAdminToken ? page : `${page}#${new URLSearchParams({ token: adminToken.secret })}`;
};

const tokenLine = ({ config, dataDir, adminToken }: Beginning): string =>
  config.hideAdminToken ? `admin token: kept in ${join(dataDir, 'admin-token')}` : `admin token: ${adminToken.secret}`;

/** What is needed next by somebody who has just put up a relay; said once, since the secret is. */
const firstStartLines = (it: Beginning): readonly string[] => [
  tokenLine(it),
  ...(it.pages ? [`admin page: ${adminLink(it)}`] : []),
  `data directory: ${it.dataDir}`,
];

/** Where others in the same network find it, at every start: networks change between two races. */
const lanLines = ({ address, lanAddresses, pages, onTerminal }: Beginning): readonly string[] => {
  const isEvery = address.host === '0.0.0.0' || address.host === '::';
  const [best, ...others] = isEvery ? lanAddresses.map((it) => it.address) : [address.host];
  if (best === undefined)
    return [
      `on this network: no address yet; join a network, then open port ${address.port} of this machine's address`,
    ];
  const spectators = `${httpUrl(best, address.port)}/`;
  return [
    ...[best, ...others].map((host) => `on this network: ${httpUrl(host, address.port)}`),
    ...(pages ? [`spectators: ${spectators}`, '', ...qrLines(spectators, onTerminal), ''] : []),
  ];
};

/** What a relay says on stdout once it listens. The first line is the same at every start: programs wait for it. */
export const firstWords = (it: Beginning): readonly string[] => [
  `listening ${httpUrl(it.address.host, it.address.port)}`,
  ...(it.adminToken.fresh ? firstStartLines(it) : []),
  ...(it.config.lan ? lanLines(it) : []),
];
