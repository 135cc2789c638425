import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId, NodeId, StreamId } from '@baton/schema/ids';
import type { Timer } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import type { Grant } from '../auth/grant.ts';
import type { SessionHandle } from '../session/presence.ts';
import type { SessionDeps } from '../session/session-context.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { askerFields } from '../watching/asker.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { errorMessageOf, FIELD_ERRORS, type FieldRefusal, fieldRefusal, fieldRefusalOf } from './wire/error.ts';
import type { FieldDown } from './wire/messages.ts';

/** What sessions of systems in the field share with all others, and their own timers (ms). */
export interface FieldDeps extends SessionDeps {
  readonly fieldTimers: { readonly heartbeatMs: number; readonly timeoutMs: number };
}

/** The device a token stands for. */
export interface Device {
  readonly nodeId: NodeId;
  readonly eventId: EventId;
}

/** What a hello says of its device, whichever route it came on. */
export interface DeviceHello {
  readonly clientVersion: string;
  readonly label: string | null;
}

/** One session, as the part that speaks its route's messages acts on it. */
export interface FieldSession {
  readonly deps: FieldDeps;
  readonly sessionId: string;
  readonly device: Device;
  readonly socket: PeerSocket;
  readonly send: (message: FieldDown) => void;
  /** Tells the peer and, but for the two codes that leave it open, ends the session. */
  readonly refuse: (refusal: Refusal | FieldRefusal) => void;
  /** Logs a defect, tells the peer no internals, ends the session. */
  readonly defect: (error: unknown) => void;
  /** False once ended or fenced: nothing may be stored or acked any more. */
  readonly isOpen: () => boolean;
  /**
   * Attaches the device, fencing an older session of it, and sends the first heartbeat; each further call repeats the
   * heartbeat. False when the session has ended over it.
   */
  readonly attach: (hello: DeviceHello) => Promise<boolean>;
  /** Counts bytes that are to be stored; null when they may be. */
  readonly takeBytes: (bytes: number) => Refusal | null;
  readonly giveBack: (bytes: number) => void;
  /** Tells a device whose version may not write so, the session goes on; true when it was told. */
  readonly refuseWrite: () => boolean;
}

/** Speaks the messages of one route. */
export interface Speaker {
  /** Takes one frame; the next one waits until it settles. */
  readonly take: (frame: string | Uint8Array) => Promise<void>;
  readonly commandEpoch: (streamId: StreamId, epoch: number) => void;
  /** Queued bytes have gone out. */
  readonly wake: () => void;
  readonly stop: () => void;
}

const toFieldRefusal = (it: Refusal | FieldRefusal): FieldRefusal => ('type' in it ? fieldRefusalOf(it) : it);

/** Tells a peer why it is refused; the codes that end a socket end it. */
export const refuseSocket = (socket: PeerSocket, it: Refusal | FieldRefusal, closeCode?: number): void => {
  const wire = toFieldRefusal(it);
  socket.send(JSON.stringify(errorMessageOf(wire)));
  const { close } = FIELD_ERRORS[wire.code];
  if (close !== null) socket.close(closeCode ?? close, wire.message);
};

/** The device of a token that fits the route; tokens of people have none. */
export const deviceOf = (grant: Grant, role: Grant['role'], deps: FieldDeps): Device | FieldRefusal => {
  const { nodeId, eventId } = grant;
  if (grant.role !== role || nodeId === null || eventId === null) {
    return fieldRefusal('INVALID_TOKEN', `expected the token of a ${role}, got one of a ${grant.role}`);
  }
  if (deps.core.registry.event(eventId) === undefined) {
    return fieldRefusal('INVALID_TOKEN', 'the event of this token does not exist any more');
  }
  return { nodeId, eventId };
};

/** Ends a session on which nothing came for `timeoutMs`: only what the peer sends counts, never what is sent to it. */
const watchSilence = (deps: FieldDeps, lastHeard: () => number, onSilent: () => void): Timer => {
  const { timers } = deps.core;
  const { timeoutMs } = deps.fieldTimers;
  let timer: Timer;
  const look = (): void => {
    const left = timeoutMs - (timers.mono() - lastHeard());
    if (left <= 0) onSilent();
    else timer = timers.after(left, look);
  };
  timer = timers.after(timeoutMs, look);
  return { clear: () => timer.clear() };
};

interface Running {
  readonly session: FieldSession;
  readonly end: () => void;
  /** The peer has said something. */
  readonly touch: () => void;
}

/** What a session is built from. Its speaker and mailbox are built from the session, and so are asked for when needed. */
interface SessionParts {
  readonly deps: FieldDeps;
  readonly socket: PeerSocket;
  readonly grant: Grant;
  readonly device: Device;
  readonly speaker: () => Speaker;
  readonly mailbox: () => Mailbox;
}

const startSession = ({ deps, socket, grant, device, speaker, mailbox }: SessionParts): Running => {
  const { core, presence, fieldTimers } = deps;
  const { timers, clock, journal } = core;
  const sessionId = core.ids.uuid();
  let open = true;
  let attached = false;
  let lastHeard = timers.mono();
  let beating: Timer = { clear: () => {} };

  const send = (message: FieldDown): void => {
    if (open) socket.send(JSON.stringify(message));
  };
  const beat = (): void => send({ kind: 'heartbeat', session_id: sessionId, device_id: device.nodeId });

  const end = (): void => {
    if (!open) return;
    open = false;
    silence.clear();
    beating.clear();
    presence.close(handle);
    mailbox().close();
    speaker().stop();
  };

  const refuse = (it: Refusal | FieldRefusal, closeCode?: number): void => {
    if (!open) return;
    const { code } = toFieldRefusal(it);
    deps.onRefusal(code, { via: 'field', sessionId, ...askerFields(grant) });
    refuseSocket(socket, it, closeCode);
    if (FIELD_ERRORS[code].close !== null) end();
  };

  const handle: SessionHandle = {
    sessionId,
    grant,
    commandEpoch: (streamId, epoch) => speaker().commandEpoch(streamId, epoch),
    dismiss: (why) => {
      if (why !== null) return refuse(why, CLOSE.forbidden);
      socket.close(CLOSE.normal, 'detached');
      end();
    },
    fence: () => {
      journal.warn('a newer session of the device took over', { sessionId, nodeId: device.nodeId });
      refuse(refusal('FENCED', 'a newer session of this device took over'), CLOSE.fenced);
    },
  };

  const silence = watchSilence(
    deps,
    () => (mailbox().isPaused() ? timers.mono() : lastHeard),
    () => refuse(fieldRefusal('SESSION_EXPIRED', `nothing came for ${fieldTimers.timeoutMs} ms; connect again`)),
  );

  /** A hello here is both steps at once: the device attaches, and what it can do is what its route is for. */
  const takePlace = async ({ label: told, clientVersion }: DeviceHello): Promise<boolean> => {
    const { role } = grant;
    const label = told ?? grant.label;
    const request = {
      ...device,
      role,
      label,
      clientVersion,
      capabilities: {},
      health: 'online',
      declares: true,
    } as const;
    const placed = await core.attachments.attach(request);
    if (!open) return false;
    if (!placed.ok) {
      refuse(placed.error);
      return false;
    }
    attached = true;
    const at = clock.now();
    const times = { attachedAt: at, lastHeartbeatAt: at };
    presence.attach({ ...device, ...times, role, label, clientVersion, selectedRaceId: null, session: handle });
    beating = timers.every(fieldTimers.heartbeatMs, beat);
    return true;
  };

  const session: FieldSession = {
    deps,
    sessionId,
    device,
    socket,
    send,
    refuse: (it) => refuse(it),
    defect: (error) => {
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
      journal.error('field session failed', { sessionId, nodeId: device.nodeId, cause });
      refuse(fieldRefusal('INTERNAL_ERROR', 'the relay could not go on with this session; connect again'));
    },
    isOpen: () => open,
    attach: async (hello) => {
      if (!attached && !(await takePlace(hello))) return false;
      beat();
      return open;
    },
    takeBytes: (bytes) => core.quotas.takeBytes(grant, device.eventId, bytes, 'reads'),
    giveBack: (bytes) => core.quotas.giveBack(grant, device.eventId, bytes),
    refuseWrite: () => {
      const below = core.attachments.refuseWrite(device);
      if (below !== null) refuse(below);
      return below !== null;
    },
  };
  const touch = (): void => {
    lastHeard = timers.mono();
    if (!attached) return;
    core.attachments.heartbeat(device, { health: 'online' });
    presence.heartbeat(device.nodeId, clock.now(), undefined);
  };
  return { session, end, touch };
};

/** An empty id in a hello means "whoever my token says": some systems know theirs only from it. */
export const refuseIdentity = (device: Device, claimedId: string): FieldRefusal | null =>
  claimedId === '' || claimedId === device.nodeId
    ? null
    : fieldRefusal('IDENTITY_MISMATCH', `this token belongs to ${device.nodeId}, not to ${claimedId.slice(0, 128)}`);

/**
 * Runs one connection of a system in the field until it ends. Frames go to the route's speaker one after another; silence,
 * takeover, refusals and defects are the same for all of them.
 */
export const runFieldSession = (
  deps: FieldDeps,
  socket: PeerSocket,
  grant: Grant,
  role: Grant['role'],
  createSpeaker: (session: FieldSession) => Speaker,
): void => {
  const device = deviceOf(grant, role, deps);
  if ('code' in device) {
    deps.onRefusal(device.code, { via: 'field', ...askerFields(grant) });
    return refuseSocket(socket, device);
  }
  const late = { speaker: () => speaker, mailbox: () => mailbox };
  const { session, end, touch } = startSession({ deps, socket, grant, device, ...late });
  const speaker = createSpeaker(session);
  const mailbox = createMailbox({
    take: speaker.take,
    pause: () => socket.pause?.(),
    resume: () => socket.resume?.(),
    onOverflow: () => session.refuse(refusal('RATE_LIMITED', 'more was sent than can be stored; send less at a time')),
    onError: session.defect,
  });
  socket.onClose(end);
  socket.onDrain(speaker.wake);
  socket.onMessage((frame) => {
    touch();
    mailbox.put(frame);
  });
};
