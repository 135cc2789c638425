import type { StreamId } from '@baton/schema/ids';
import type { Log, Random, Timer, Timers } from '@baton/schema/ports';
import type { PushFrame, PushOutcome } from '@baton/schema/protocol';
import { encodeBatch, readFromLine } from '@baton/schema/reads';
import { backoffDelay } from '../connection/backoff.ts';
import type { Journal } from './journal.ts';
import { fallBack } from './reconcile.ts';
import {
  holdReader,
  isStillReady,
  nextPush,
  type Push,
  pushAnswered,
  pushSent,
  retryDue,
  type SendLimits,
  type SessionEffect,
  type SessionState,
  startSending,
  stopSending,
} from './session-state.ts';
import { currentEpoch, epochOf, relocate } from './stream-log.ts';
import type { Streams } from './streams.ts';

export interface SenderDeps {
  readonly journal: Pick<Journal, 'read'>;
  readonly streams: Streams;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** False when there is no live session. */
  readonly sendPush: (frame: PushFrame) => boolean;
  readonly streamIdOf: (reader: string) => StreamId;
  /** A reader's epochs changed, or an old one is complete at the relay: tell the relay. */
  readonly onEpochs: (reader: string) => void;
  /** The relay took a push. */
  readonly onTaken: () => void;
  /** The journal could not be read: a defect or a broken disk. */
  readonly onFailed: (error: unknown) => void;
}

/** Pushes what is durable and not acked, in order, within the relay's window. */
export interface Sender {
  /** The session is live and the journal agrees with the relay, durably. */
  readonly start: (limits: SendLimits) => void;
  readonly stop: () => void;
  readonly answered: (outcomes: readonly PushOutcome[]) => void;
  /** Something became durable. */
  readonly wake: () => void;
  readonly isFenced: () => boolean;
}

/** While pushes are under way, new reads wait this long for company. */
const LINGER_MS = 10;

type EffectOf<T extends SessionEffect['type']> = Extract<SessionEffect, { type: T }>;

const applyAck = (deps: SenderDeps, { reader, epoch, seq }: EffectOf<'acked'>): void => {
  const { streams } = deps;
  streams.ack(reader, epoch, seq);
  deps.onTaken();
  const stream = streams.get(reader);
  const closed = currentEpoch(stream).epoch !== epoch;
  if (closed && epochOf(stream, epoch)?.head === seq) deps.onEpochs(reader);
};

const applyBehind = (deps: SenderDeps, { reader, epoch, relayHead }: EffectOf<'behind'>): void => {
  const { streams, log } = deps;
  log.warn('the relay misses reads; sending from there again', { reader, epoch, relayHead });
  const step = fallBack(streams.get(reader), epoch, relayHead);
  for (const { message, type } of step.findings) log.error(message, { reader, epoch, type });
  const opens = step.changes.some(({ type }) => type === 'openEpoch');
  streams.change(reader, step, () => {
    if (opens) deps.onEpochs(reader);
  });
};

const applyConflict = (deps: SenderDeps, { reader, epoch, seq, freshEpoch }: EffectOf<'conflict'>): void => {
  const { streams, log } = deps;
  if (seq > 1) streams.ack(reader, epoch, seq - 1);
  const step = relocate(streams.get(reader), [{ epoch, fromSeq: seq }], freshEpoch);
  const to = currentEpoch(step.log).epoch;
  log.error('the relay holds other bytes under these numbers; the reads go to a fresh epoch', {
    reader,
    epoch,
    seq,
    to,
  });
  streams.change(reader, step, () => deps.onEpochs(reader));
};

export const createSender = (deps: SenderDeps): Sender => {
  const { journal, streams, timers, log } = deps;
  let state: SessionState = { type: 'idle' };
  let pumping = false;
  let linger: Timer | null = null;

  const pump = (): void => {
    linger?.clear();
    linger = null;
    if (pumping) return;
    pumping = true;
    pushAll().catch(deps.onFailed);
  };

  /** Ends in the same turn in which it found nothing to send, so that no wake is missed. */
  const pushAll = async (): Promise<void> => {
    try {
      for (let push = nextPush(state, streams.all()); push !== null; push = nextPush(state, streams.all())) {
        if (!(await pushOne(push))) return;
      }
    } finally {
      pumping = false;
    }
  };

  /** False when the session is gone. */
  const pushOne = async (push: Push): Promise<boolean> => {
    const { reader, epoch, firstSeq, count, pushId } = push;
    const lines = await journal.read({ reader, epoch, fromSeq: firstSeq, limit: count });
    if (!isStillReady(state, streams.get(reader), push)) return true;
    if (lines.length === 0) {
      missing(push);
      return true;
    }
    const batch = encodeBatch(lines.map(({ raw, receivedAt }) => readFromLine(raw, receivedAt)));
    const sent = deps.sendPush({ streamId: deps.streamIdOf(reader), epoch, firstSeq, pushId, batch });
    if (sent) state = pushSent(state, { ...push, count: lines.length });
    return sent;
  };

  /** Never seen unless the file was tampered with; the other readers go on. */
  const missing = ({ reader, epoch, firstSeq }: Push): void => {
    log.error('the journal lacks reads that it should hold', { reader, epoch, seq: firstSeq });
    state = holdReader(state, reader, 'JOURNAL_GAP');
  };

  const perform = (effect: SessionEffect): void => {
    switch (effect.type) {
      case 'acked':
        applyAck(deps, effect);
        return;
      case 'behind':
        applyBehind(deps, effect);
        return;
      case 'conflict':
        applyConflict(deps, effect);
        return;
      case 'retryLater':
        retryLater(effect);
        return;
      case 'refused':
        log.error('the relay refuses the reads of a reader; they stay in the journal', { ...effect });
        return;
      case 'fenced':
        log.error(
          'another forwarder with the same identity took over: nothing more is sent; reads stay in the journal',
        );
    }
  };

  const retryLater = ({ reader, attempt, reason }: Extract<SessionEffect, { type: 'retryLater' }>): void => {
    const waitMs = backoffDelay(attempt, deps.random.next());
    log.warn('the relay cannot take reads now, trying again', { reader, reason, attempt, waitMs });
    timers.after(waitMs, () => {
      state = retryDue(state, reader);
      pump();
    });
  };

  return {
    start: (limits) => {
      state = startSending(state, limits);
      pump();
    },
    stop: () => {
      state = stopSending(state);
    },
    answered: (outcomes) => {
      for (const outcome of outcomes) {
        const step = pushAnswered(state, outcome);
        state = step.state;
        for (const effect of step.effects) perform(effect);
      }
      pump();
    },
    wake: () => {
      if (state.type === 'sending' && state.inFlight.size > 0) linger ??= timers.after(LINGER_MS, pump);
      else pump();
    },
    isFenced: () => state.type === 'fenced',
  };
};
