import { ERROR_CODES, fieldsOf, type Refusal, refusal, refusalToEnvelope } from '@baton/schema/errors';
import type { Timer } from '@baton/schema/ports';
import { CLOSE, type DownMessage, type HelloMessage, type UpMessage, UpMessageSchema } from '@baton/schema/protocol';
import { err, ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import type { Attached } from '../nodes/attachments.ts';
import type { PeerSocket } from '../transport/peer-socket.ts';
import { askerFields } from '../watching/asker.ts';
import { decideGreeting, type Greeting } from './greeting.ts';
import { type JoinedSession, joinSession } from './joined-session.ts';
import type { SessionContext, SessionDeps } from './session-context.ts';

/** An authenticated peer has this long to say hello. */
const GREETING_MS = 10_000;
/** Frames that may wait while the streams of a hello are being stored. */
const MAX_WAITING = 64;

/**
 * ```text
 * greeting ──hello──▶ joining ──stored──▶ joined ──▶ ended
 *     └────── refused, silent, bad frame, fenced, revoked ────▶┘
 * ```
 */
type Phase =
  | { readonly type: 'greeting' }
  | { readonly type: 'joining'; readonly waiting: (string | Uint8Array)[] }
  | { readonly type: 'joined'; readonly session: JoinedSession }
  | { readonly type: 'ended' };

const parseUp = (text: string): Result<UpMessage, Refusal> => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err(refusal('PROTOCOL_ERROR', 'expected a JSON text frame'));
  }
  const parsed = UpMessageSchema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const fields = fieldsOf(parsed.error);
  return err(refusal('PROTOCOL_ERROR', 'the message does not have the expected shape', { fields }));
};

const closeCodeOf = (it: Refusal): number => {
  switch (it.code) {
    case 'NOT_FOUND':
      return CLOSE.unknown;
    case 'FORBIDDEN':
    case 'CONFLICT':
    case 'NODE_REVOKED':
      return CLOSE.forbidden;
    case 'NODE_ATTACH_CONFLICT':
      // the other place may be free in a minute
      return CLOSE.tryLater;
    default:
      return ERROR_CODES[it.code].retryable ? CLOSE.tryLater : CLOSE.badFrame;
  }
};

interface Machine {
  readonly context: SessionContext;
  readonly phase: () => Phase;
  readonly enter: (phase: Phase) => void;
}

/** The node's place, together with the streams its hello brings; null for a page that only looks. */
const attachNode = (
  { deps, grant }: SessionContext,
  hello: HelloMessage,
  { nodeId, changes }: Greeting,
): Promise<Result<Attached | null, Refusal>> => {
  if (nodeId === null) return Promise.resolve(ok(null));
  const { eventId, clientVersion, capabilities, health } = hello;
  const label = hello.label ?? grant.label;
  const declares = Object.keys(capabilities).length > 0;
  const request = { nodeId, eventId, role: grant.role, label, clientVersion, capabilities, health, declares };
  return deps.core.attachments.attach(request, changes);
};

/** A node whose readers are all known goes on, however full the event is. */
const refuseStreams = ({ deps }: SessionContext, { eventId }: HelloMessage, { nodeId, changes }: Greeting) =>
  nodeId === null ? null : deps.core.quotas.refuseStreams({ nodeId, eventId }, changes.length);

const join = async (machine: Machine, hello: HelloMessage): Promise<void> => {
  const { context } = machine;
  const { registry, clock } = context.deps.core;
  const greeting = decideGreeting(context.grant, hello, registry, clock.now());
  if (!greeting.ok) return context.fail(greeting.error, closeCodeOf(greeting.error));
  const full = refuseStreams(context, hello, greeting.value);
  if (full !== null) return context.fail(full, closeCodeOf(full));
  const waiting: (string | Uint8Array)[] = [];
  machine.enter({ type: 'joining', waiting });
  const attached = await attachNode(context, hello, greeting.value);
  if (machine.phase().type === 'ended') return;
  if (!attached.ok) return context.fail(attached.error, closeCodeOf(attached.error));
  machine.enter({ type: 'joined', session: joinSession(context, hello, greeting.value, attached.value) });
  for (const frame of waiting) takeFrame(machine, frame);
};

const takeFirst = (machine: Machine, frame: string | Uint8Array): void => {
  const { context } = machine;
  const message = typeof frame === 'string' ? parseUp(frame) : err(refusal('PROTOCOL_ERROR', 'expected a hello first'));
  if (!message.ok) return context.fail(message.error, CLOSE.badFrame);
  if (message.value.type !== 'hello') {
    return context.fail(refusal('PROTOCOL_ERROR', 'expected a hello first'), CLOSE.badFrame);
  }
  join(machine, message.value).catch(context.defect);
};

const takeJoined = (machine: Machine, session: JoinedSession, frame: string | Uint8Array): void => {
  if (typeof frame !== 'string') return session.takePush(frame);
  const message = parseUp(frame);
  // a peer of a later version may say what this one does not know: it is told, and goes on (P26)
  if (message.ok) session.take(message.value);
  else machine.context.refuse(message.error);
};

const takeFrame = (machine: Machine, frame: string | Uint8Array): void => {
  const phase = machine.phase();
  switch (phase.type) {
    case 'greeting':
      return takeFirst(machine, frame);
    case 'joining':
      if (phase.waiting.length < MAX_WAITING) phase.waiting.push(frame);
      else machine.context.end(CLOSE.badFrame, 'too many frames before the welcome');
      return;
    case 'joined':
      return takeJoined(machine, phase.session, frame);
    case 'ended':
      return;
  }
};

const createContext = (
  deps: SessionDeps,
  socket: PeerSocket,
  grant: Grant,
  end: SessionContext['end'],
): SessionContext => {
  const sessionId = deps.core.ids.uuid();
  let open = true;
  const send = (message: DownMessage): void => socket.send(JSON.stringify(message));
  const noteRefusal = (code: string): void => deps.onRefusal(code, { via: 'sync', sessionId, ...askerFields(grant) });
  const refuse = (it: Refusal): void => {
    noteRefusal(it.code);
    send({ type: 'error', error: refusalToEnvelope(it) });
  };
  const endOnce = (code: number, reason: string): void => {
    open = false;
    end(code, reason);
  };
  const fail = (it: Refusal, code: number): void => {
    if (!open) return;
    refuse(it);
    endOnce(code, it.message);
  };
  return {
    deps,
    sessionId,
    grant,
    socket,
    send,
    refuse,
    noteRefusal,
    fail,
    end: endOnce,
    mayWrite: () => open,
    defect: (error) => {
      deps.core.journal.error('session failed', {
        sessionId,
        cause: error instanceof Error ? (error.stack ?? '') : String(error),
      });
      fail(refusal('INTERNAL_ERROR', 'the relay could not go on with this session; connect again'), CLOSE.tryLater);
    },
    handle: {
      sessionId,
      grant,
      commandEpoch: (streamId, epoch) => send({ type: 'epochCommand', streamId, epoch }),
      dismiss: (why) => {
        if (why === null) endOnce(CLOSE.normal, 'detached');
        else fail(why, CLOSE.forbidden);
      },
      fence: () => {
        deps.core.journal.warn('a newer session of the node took over', { sessionId, nodeId: grant.nodeId });
        fail(refusal('FENCED', 'a newer session of this node took over'), CLOSE.fenced);
      },
    },
  };
};

/**
 * Runs one `/sync` connection until it ends: frames become calls of the parts, their answers
 * frames. What to decide, the parts decide.
 */
export const runSyncSession = (deps: SessionDeps, socket: PeerSocket, grant: Grant): void => {
  const { timers } = deps.core;
  const running: Timer[] = [];
  let phase: Phase = { type: 'greeting' };
  let lastHeard = timers.mono();

  const end = (code: number, reason: string): void => {
    if (phase.type === 'joined') phase.session.stop();
    phase = { type: 'ended' };
    for (const timer of running) timer.clear();
    deps.presence.close(context.handle);
    socket.close(code, reason);
  };
  const context = createContext(deps, socket, grant, end);
  const machine: Machine = {
    context,
    phase: () => phase,
    enter: (next) => {
      phase = next;
    },
  };

  const beat = (): void => {
    const silent = timers.mono() - lastHeard > deps.timers.offlineMs;
    if (silent) context.end(CLOSE.shuttingDown, 'no message for too long');
    else context.send({ type: 'heartbeat', serverTime: deps.core.clock.now() });
  };
  const lateGreeting = (): void => {
    if (phase.type === 'greeting')
      context.fail(refusal('PROTOCOL_ERROR', 'expected a hello within 10 s'), CLOSE.badFrame);
  };

  socket.onClose(() => context.end(CLOSE.normal, 'closed'));
  socket.onDrain(() => {
    if (phase.type === 'joined') phase.session.wake();
  });
  socket.onMessage((frame) => {
    lastHeard = timers.mono();
    takeFrame(machine, frame);
  });
  running.push(timers.every(deps.timers.heartbeatMs, beat), timers.after(GREETING_MS, lateGreeting));
};
