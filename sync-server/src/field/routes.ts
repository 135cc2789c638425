import type { Grant } from '../auth/grant.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import type { SocketRoute } from '../transport/upgrade.ts';
import { type FieldDeps, refuseSocket } from './field-session.ts';
import { runFieldForwarder } from './forwarder-session.ts';
import { runFieldReceiverV1, runFieldReceiverV11 } from './receiver-session.ts';

/** A batch of some thousand events; a larger one would hold up the sockets of others while it is parsed. */
const MAX_FORWARDER_FRAME_BYTES = 2 * 1024 * 1024;
const MAX_RECEIVER_FRAME_BYTES = 1024 * 1024;

/** The WebSockets of systems in the field. A refused peer is told in their words, then its socket ends. */
export const fieldRoutes = (deps: FieldDeps): readonly SocketRoute[] => {
  const route = (
    prefix: string,
    maxFrameBytes: number,
    run: (deps: FieldDeps, socket: PeerSocket, grant: Grant) => void,
  ): SocketRoute => ({
    prefix,
    maxFrameBytes,
    open: (path) => (path === '' ? (socket, grant) => run(deps, socket, grant) : null),
    refuse: refuseSocket,
  });
  return [
    route('/ws/v1/forwarders', MAX_FORWARDER_FRAME_BYTES, runFieldForwarder),
    route('/ws/v1/receivers', MAX_RECEIVER_FRAME_BYTES, runFieldReceiverV1),
    route('/ws/v1.1/receivers', MAX_RECEIVER_FRAME_BYTES, runFieldReceiverV11),
  ];
};
