import { setTimeout as delay } from 'node:timers/promises';
import { updateSteps } from '@baton/sync-server/gate';
import * as Y from 'yjs';
import { type Benchmark, type Figures, median, now, rounded } from '../support/measure.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { DEAREST, gapBomb, rosterUpdate } from './crafted.ts';
import { type DocPeer, openDocPeer } from './doc-peer.ts';

const UPDATES = 20_000;
const ROUNDS = 7;
const PEOPLE = 23_000;
const BOMB_CLIENTS = 8000;
/** So that garbage and the disk's answers are not counted to what comes next. */
const PAUSE_MS = 300;

const isForeign = (): boolean => false;

const takeAll = (doc: Y.Doc, update: Uint8Array): void => {
  const steps = updateSteps(update, 'update', { doc, origin: null, isForeign });
  while (steps.next().done !== true);
};

const smallUpdates = (): readonly Uint8Array[] => {
  const updates: Uint8Array[] = [];
  const doc = new Y.Doc();
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let n = 0; n < UPDATES; n++) doc.getMap('participants').set(`race#${n % 500}`, `value of ${n} in letters`);
  return updates;
};

/** CPU microseconds of this process: a wall clock would count what else the machine does. */
const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const perUpdate = (updates: readonly Uint8Array[], run: (doc: Y.Doc, update: Uint8Array) => void): number => {
  const round = (): number => {
    const doc = new Y.Doc({ gc: false });
    doc.on('update', () => {});
    const before = cpuMicros();
    for (const update of updates) run(doc, update);
    return (cpuMicros() - before) / updates.length;
  };
  round();
  return median(Array.from({ length: ROUNDS }, round));
};

const measureSmall = (): Figures => {
  const updates = smallUpdates();
  const bytes = updates.reduce((sum, update) => sum + update.length, 0) / updates.length;
  const bare = perUpdate(updates, (doc, update) => Y.applyUpdate(doc, update));
  const gated = perUpdate(updates, takeAll);
  const decoded = perUpdate(updates, (_, update) => Y.decodeUpdate(update));
  return {
    'bytes of a small update': rounded(bytes),
    'decodeUpdate, CPU µs a small update': rounded(decoded),
    'applyUpdate alone, CPU µs a small update': rounded(bare),
    'gate and applyUpdate, CPU µs a small update': rounded(gated),
    'gate alone (the difference), CPU µs a small update': rounded(gated - bare),
  };
};

/** The longest step between two chances for others, in CPU milliseconds of this process, its garbage collector included. */
const longestStep = (updates: readonly Uint8Array[]): number => {
  const doc = new Y.Doc({ gc: false });
  doc.on('update', () => {});
  let longest = 0;
  for (const update of updates) {
    const steps = updateSteps(update, 'answer', { doc, origin: null, isForeign });
    for (let done = false; !done; ) {
      const before = cpuMicros();
      done = steps.next().done === true;
      longest = Math.max(longest, cpuMicros() - before);
    }
  }
  return longest / 1000;
};

/** Of several rounds: one is as good as another, and the machine may do something else in any. */
const typicalLongestStep = (updates: readonly Uint8Array[]): number =>
  rounded(median(Array.from({ length: ROUNDS }, () => longestStep(updates))));

const measureSteps = (): Figures => {
  const figures: Record<string, number> = {
    'longest step of a roster in one frame, CPU ms': typicalLongestStep([rosterUpdate(PEOPLE)]),
    'longest step of changes with gaps, CPU ms': typicalLongestStep([gapBomb(BOMB_CLIENTS)]),
  };
  for (const [name, updates] of Object.entries(DEAREST)) {
    figures[`longest step of ${name}, CPU ms`] = typicalLongestStep(updates());
  }
  return figures;
};

/** Wall milliseconds for which Yjs alone would hold the event loop. */
const blockedByYjs = (update: Uint8Array): number => {
  const doc = new Y.Doc({ gc: false });
  doc.on('update', () => {});
  const started = now();
  Y.applyUpdate(doc, update);
  return now() - started;
};

/** The longest delay of the relay's event loop since it was asked last, in ms. */
const loopLag = async (stage: Stage): Promise<number> => {
  const response = await fetch(`${stage.url}/metrics`, { headers: { authorization: `Bearer ${stage.adminToken}` } });
  const match = /^baton_event_loop_lag_seconds (\S+)$/m.exec(await response.text());
  if (match === null) throw new Error('the relay tells no event loop lag');
  return Number(match[1]) * 1000;
};

interface Sent {
  readonly longestMs: number;
  readonly ms: number;
}

const sendAll = async (peer: DocPeer, updates: readonly Uint8Array[]): Promise<void> => {
  for (const [at, update] of updates.entries()) {
    peer.send(update);
    await peer.saved(at + 1);
  }
};

/** Each in an event of its own: documents of one do not weigh on another. */
const send = async (stage: Stage, updates: readonly Uint8Array[]): Promise<Sent> => {
  const event = await stage.api.must('POST', '/events', { title: 'Gate', date: '2026-04-12', timezone: 'UTC' });
  const { eventId } = event as { readonly eventId: string };
  const peer = await openDocPeer(stage.url, `events/${eventId}/setup`, stage.adminToken);
  await delay(PAUSE_MS);
  await loopLag(stage);
  const started = now();
  await sendAll(peer, updates);
  const ms = now() - started;
  await delay(PAUSE_MS);
  const longestMs = await loopLag(stage);
  peer.close();
  await peer.closed;
  return { longestMs, ms };
};

const measureRelay = async (stage: Stage): Promise<Figures> => {
  const roster = rosterUpdate(PEOPLE);
  const bomb = gapBomb(BOMB_CLIENTS);
  const idle = await send(stage, []);
  await send(stage, [roster]); // warm
  const honest = await send(stage, [roster]);
  const refused = await send(stage, [bomb]);
  const figures: Record<string, number> = {
    'event loop of the relay delayed with nothing to do, longest ms': rounded(idle.longestMs),
    'MB of a roster that fits into one frame': rounded(roster.length / 1e6),
    'Yjs alone blocked by it, ms': rounded(blockedByYjs(roster)),
    'event loop of the relay delayed by it, longest ms': rounded(honest.longestMs),
    'from sending it to saved, ms': rounded(honest.ms),
    'KB of changes with gaps': rounded(bomb.length / 1e3),
    'Yjs alone blocked by them, ms': rounded(blockedByYjs(bomb)),
    'event loop of the relay delayed by them, longest ms': rounded(refused.longestMs),
  };
  for (const [name, updates] of Object.entries(DEAREST)) {
    const dear = await send(stage, updates());
    figures[`event loop of the relay delayed by ${name}, longest ms`] = rounded(dear.longestMs);
  }
  return figures;
};

const run = async (): Promise<Figures> => {
  const here = { ...measureSmall(), ...measureSteps() };
  const stage = await openStage();
  try {
    return { ...here, ...(await measureRelay(stage)) };
  } finally {
    await stage.dispose();
  }
};

export const gate: Benchmark = {
  name: 'gate',
  method:
    `${UPDATES} updates of one entry each, applied to an empty document, median of ${ROUNDS} rounds in this process, as is the longest step of the dear ones; then a relay that is sent ` +
    `a roster of ${PEOPLE} people in one frame, changes of ${BOMB_CLIENTS} clients with gaps, and the dearest crafted updates that it takes, ` +
    'each to a document of its own; event loop lag by its /metrics',
  run,
};
