import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERROR_CODES, type Refusal, refusal } from '@baton/schema/errors';
import type { Ids, LogFields } from '@baton/schema/ports';
import { CLOSE, LINK_SUBPROTOCOL, SUBPROTOCOL } from '@baton/schema/protocol';
import type { Result } from '@baton/schema/result';
import type { WebSocket } from 'ws';
import type { Access } from '../auth/access.ts';
import { secretFromHeaders } from '../auth/access.ts';
import type { Grant } from '../auth/grant.ts';
import { refuseAtDoor } from '../auth/origin.ts';
import type { Quotas } from '../limits/quotas.ts';
import type { OnRefusal } from '../watching/refusals.ts';
import { requestIdOf } from '../watching/request-id.ts';
import type { ConnectionTable } from './connections.ts';
import type { PeerSocket, ProbedSocket } from './peer-socket.ts';
import { plainRefusal } from './plain-refusal.ts';
import { createWriteInPortions } from './portions.ts';
import { createWsServers } from './ws-servers.ts';
import { letGo, peerSocketOf, probedSocketOf, type WsSocketOptions } from './ws-socket.ts';

/** A path that takes WebSockets. `null` from `find`: not this route. */
export interface SocketRoute {
  readonly maxFrameBytes: number;
  /** What the rest of the path means to the route; null when it means nothing (4404). */
  readonly open: (path: string) => ((socket: PeerSocket, grant: Grant, peer: PeerInfo) => void) | null;
  readonly prefix: string;
  /** Tells a peer without a good token so in the route's own words, and closes. Left out: closed with 4401. */
  readonly refuse?: (socket: PeerSocket, refusal: Refusal) => void;
  /** Tells a peer for which there is no room now, before it is closed with 1013. Left out: `refuse`, or the close alone. */
  readonly tellFull?: (socket: PeerSocket, refusal: Refusal) => void;
}

/** Takes WebSockets of anybody; who is not taken is told so by plain HTTP, before the upgrade. */
export interface PublicSocketRoute {
  readonly maxFrameBytes: number;
  /** Null: the path is none of this route's. What it answers with is called at once, or never. */
  readonly admit: (
    path: string,
    /** What was offered of a token; null: nothing. */
    secret: string | null,
    address: string | undefined,
  ) => Result<(socket: ProbedSocket) => void, Refusal> | null;
}

export interface PeerInfo {
  /** Whether the client offered `baton.v1`: a client of ours, not a stock one. */
  readonly speaksBaton: boolean;
  /** Whether it offered `baton.relay`: a link between relays. */
  readonly isLink: boolean;
}

export interface UpgradeDeps {
  readonly access: Access;
  readonly connections: ConnectionTable;
  readonly quotas: Pick<Quotas, 'refuseSocket'>;
  readonly allowOrigins: readonly string[];
  readonly routes: readonly SocketRoute[];
  readonly publicRoutes: readonly PublicSocketRoute[];
  readonly ids: Ids;
  /** Runs something when everything that has arrived in this turn of the event loop has been looked at. */
  readonly afterTurn: (run: () => void) => void;
  readonly onRefusal: OnRefusal;
  /** The relay closes a socket, with this code. */
  readonly onClosing: (code: number) => void;
  readonly onDefect: (error: unknown, where: LogFields) => void;
}

/** A request to become a WebSocket. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Buffer;
  /** For the log: its id and the route's pattern; the path itself may hold anything. */
  readonly where: LogFields & { readonly requestId: string };
}

/** Of a peer that is refused, no more is read than this at once. */
const REFUSED_FRAME_BYTES = 4096;

/** Where somebody with a token wants to go. */
interface Knock {
  readonly route: SocketRoute | undefined;
  readonly open: ReturnType<SocketRoute['open']>;
  readonly grant: ReturnType<Access['authenticate']>;
}

const offered = (request: IncomingMessage): readonly string[] =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').map((it) => it.trim());

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/';

/**
 * Takes WebSocket upgrades: door (URL, origin), route, token, in that order. A peer refused for good is
 * accepted and closed with a code that browsers can see; until then nothing is read from it.
 */
export const createUpgradeHandler = (
  deps: UpgradeDeps,
): ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) => {
  const requestIds = new WeakMap<IncomingMessage, string>();
  const writeInPortions = createWriteInPortions(deps.afterTurn);

  const optionsOf = (maxFrameBytes: number): WsSocketOptions => ({
    maxFrameBytes,
    onClosing: deps.onClosing,
    writeInPortions,
  });

  const closeAtOnce = (ws: WebSocket, { where }: Upgrade, code: number, reason: string): void => {
    deps.onRefusal(String(code), where);
    deps.onClosing(code);
    ws.close(code, reason);
  };

  /** Not for good: a place may be free in a moment. */
  const turnAway = (socket: PeerSocket, { where }: Upgrade, route: SocketRoute, full: Refusal): void => {
    deps.onRefusal(full.code, where);
    (route.tellFull ?? route.refuse)?.(socket, full);
    socket.close(CLOSE.tryLater, `${full.code}: ${full.message}`);
  };

  const admit = (ws: WebSocket, upgrade: Upgrade, { route, open, grant }: Knock): void => {
    const { request, stream, where } = upgrade;
    if (!grant.ok && grant.error.code === 'RATE_LIMITED') {
      return closeAtOnce(ws, upgrade, CLOSE.rate, grant.error.message);
    }
    if (!grant.ok && open !== null && route?.refuse !== undefined) {
      deps.onRefusal(grant.error.code, where);
      return route.refuse(peerSocketOf(ws, stream, optionsOf(route.maxFrameBytes)), grant.error);
    }
    if (!grant.ok) return closeAtOnce(ws, upgrade, CLOSE.unauthorized, grant.error.message);
    if (route === undefined || open === null) {
      return closeAtOnce(ws, upgrade, CLOSE.unknown, 'there is no such socket');
    }
    const socket = peerSocketOf(ws, stream, optionsOf(route.maxFrameBytes));
    const full = deps.quotas.refuseSocket(grant.value);
    if (full !== null) return turnAway(socket, upgrade, route, full);
    deps.connections.add(grant.value, socket);
    ws.once('close', () => deps.connections.remove(socket));
    const protocols = offered(request);
    open(socket, grant.value, {
      speaksBaton: protocols.includes(SUBPROTOCOL),
      isLink: protocols.includes(LINK_SUBPROTOCOL),
    });
  };

  const refuse = (upgrade: Upgrade, refused: Refusal): void => {
    deps.onRefusal(refused.code, { ...upgrade.where, status: ERROR_CODES[refused.code].status });
    upgrade.stream.end(plainRefusal(refused, upgrade.where.requestId));
  };

  const makeSocket = createWsServers({
    requestIdOf: (request) => requestIds.get(request),
    onBadUpgrade: (error, stream, request) => {
      const requestId = requestIds.get(request) ?? requestIdOf(request, deps.ids);
      const where = { via: 'socket', requestId, route: null };
      refuse({ request, stream, head: Buffer.alloc(0), where }, refusal('BAD_REQUEST', error.message));
    },
    onClosing: deps.onClosing,
  });

  /** What is told at once goes out with the answer to the upgrade, in one write: a crowd that comes back costs its writes. */
  const holdBack = (stream: Duplex): void => {
    stream.cork();
    // behind the turn in which documents write what they have gathered, and that they end themselves
    deps.afterTurn(() => deps.afterTurn(() => letGo(stream)));
  };

  const take = (upgrade: Upgrade, maxFrameBytes: number, open: (ws: WebSocket) => void): void => {
    holdBack(upgrade.stream);
    makeSocket(upgrade, maxFrameBytes, (ws) => {
      try {
        open(ws);
      } catch (error) {
        deps.onDefect(error, upgrade.where);
        ws.close(CLOSE.tryLater, 'the relay could not take the connection');
      }
    });
  };

  /** False: the path is of no public route. */
  const takePublic = (upgrade: Upgrade): boolean => {
    const { request, stream } = upgrade;
    const path = pathOf(request);
    for (const { maxFrameBytes, admit: admitTo } of deps.publicRoutes) {
      const admitted = admitTo(path, secretFromHeaders(request.headers), request.socket.remoteAddress);
      if (admitted === null) continue;
      if (admitted.ok) {
        take(upgrade, maxFrameBytes, (ws) => admitted.value(probedSocketOf(ws, stream, optionsOf(maxFrameBytes))));
      } else refuse(upgrade, admitted.error);
      return true;
    }
    return false;
  };

  return (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    const route = deps.routes.find((it) => pathOf(request).startsWith(it.prefix));
    const requestId = requestIdOf(request, deps.ids);
    requestIds.set(request, requestId);
    const upgrade: Upgrade = {
      request,
      stream,
      head,
      where: { via: 'socket', requestId, route: route?.prefix ?? null },
    };
    const refused = refuseAtDoor(request.url ?? '/', request.headers, deps.allowOrigins);
    if (refused !== null) return refuse(upgrade, refused);
    if (takePublic(upgrade)) return;
    const open = route?.open(pathOf(request).slice(route.prefix.length)) ?? null;
    const grant = deps.access.authenticate(secretFromHeaders(request.headers), request.socket.remoteAddress);
    const maxFrameBytes = route !== undefined && open !== null && grant.ok ? route.maxFrameBytes : REFUSED_FRAME_BYTES;
    take(upgrade, maxFrameBytes, (ws) => admit(ws, upgrade, { route, open, grant }));
  };
};
