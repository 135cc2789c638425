import type { RelayAddress } from '@baton/schema/command';
import { CLOSE, type DownMessage, type ReadsFrame, type WelcomeMessage } from '@baton/schema/protocol';
import { type Connection, type ConnectionDeps, createConnection } from '../connection/connection.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { HelloInput } from '../connection/sync-session.ts';
import { type BySide, bySide, SIDES, type Side } from './link-state.ts';

export interface LinkSessionsOptions {
  readonly relays: BySide<RelayAddress>;
  readonly hello: (side: Side) => HelloInput;
  /** Both relays have welcomed the link, the one here last: what they tell of themselves is of now. */
  readonly onJoined: (welcomes: BySide<WelcomeMessage>) => void;
  /** One of them is gone, and the other was left. */
  readonly onLeft: () => void;
  readonly onMessage: (side: Side, message: DownMessage) => void;
  readonly onReads: (from: Side, frame: ReadsFrame) => void;
}

/** One session with each relay, that begin and end together. */
export interface LinkSessions extends BySide<Connection> {
  /** Begins. Called again it tries a relay that refused a while ago; a session that waits for its next try goes on waiting. */
  readonly connect: () => void;
  readonly isJoined: () => boolean;
  readonly close: () => void;
}

/** A relay that has refused for good is asked again so much later, where somebody has reason to think that it knows the link. */
const REFUSED_MS = 30_000;

/**
 * The relay elsewhere is called first and again, with back-off; the one here, which is close by, each time that one has answered.
 */
export const createLinkSessions = (deps: ConnectionDeps, options: LinkSessionsOptions): LinkSessions => {
  let there: WelcomeMessage | null = null;
  let isJoined = false;
  const stoppedAt: Record<Side, number> = { here: 0, there: 0 };

  /** Another link with this one's name has taken over: two that come back would throw each other out for ever. */
  const mayCall = (side: Side): boolean => {
    const state = connections[side].state();
    if (state.type !== 'stopped') return state.type === 'offline' && side === 'there';
    return state.code !== CLOSE.fenced && deps.timers.mono() - stoppedAt[side] >= REFUSED_MS;
  };

  const onWelcome = (side: Side, welcome: WelcomeMessage): void => {
    if (side === 'there') {
      there = welcome;
      connections.here.connect();
    } else if (there !== null) {
      isJoined = true;
      options.onJoined({ here: welcome, there });
    }
  };

  const onState = (side: Side, { type }: ConnectionState): void => {
    if (type === 'live') return;
    if (type === 'stopped') stoppedAt[side] = deps.timers.mono();
    const wasJoined = isJoined;
    isJoined = false;
    if (wasJoined) options.onLeft();
    if (side === 'there') {
      there = null;
      connections.here.disconnect();
    } else if (wasJoined) connections.there.restart('the relay here has ended the session');
  };

  const connections: BySide<Connection> = bySide((side) =>
    createConnection(deps, {
      ...options.relays[side],
      hello: () => options.hello(side),
      handlers: {
        onWelcome: (welcome) => onWelcome(side, welcome),
        onMessage: (message) => options.onMessage(side, message),
        onReads: (frame) => options.onReads(side, frame),
        onState: (now) => onState(side, now),
      },
    }),
  );

  return {
    ...connections,
    connect: () => {
      for (const side of SIDES) if (mayCall(side)) connections[side].connect();
    },
    isJoined: () => isJoined,
    close: () => {
      // the other way round, the end of the one here would break the one there off before it has said that it leaves
      connections.there.close();
      connections.here.close();
    },
  };
};
