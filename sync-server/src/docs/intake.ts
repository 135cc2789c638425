import type { Timers } from '@baton/schema/ports';
import type { Authors } from './authors.ts';
import type { DocPeer } from './doc-peers.ts';
import { createAllowances } from './gate/allowance.ts';
import type { UpdateKind, UpdateOutcome } from './gate/update-steps.ts';
import type { WorkTurns } from './gate/work-turns.ts';
import type { LiveDoc } from './live-doc.ts';

export interface IntakeDeps {
  readonly turns: WorkTurns;
  readonly timers: Pick<Timers, 'mono'>;
  readonly authors: Authors;
  /** The document as it is now; null while it is read again. */
  readonly live: () => LiveDoc | null;
  /** Asks a peer for all it has that the relay lacks. */
  readonly ask: (peer: DocPeer) => void;
  /** Ends the connection for good: what it sent is nothing that an honest client sends. */
  readonly refuse: (peer: DocPeer, message: string) => void;
  /** Ends the connection; it may come back and sync. */
  readonly sendBack: (peer: DocPeer, message: string) => void;
  /** An update was taken, whether or not it was news. */
  readonly onTaken: () => void;
}

/** The updates of a document's peers on their way into it: each peer's in the order in which they came. */
export interface Intake {
  readonly take: (peer: DocPeer, kind: 'answer' | 'update', update: Uint8Array) => void;
  /** The peer was asked for all it has. */
  readonly asked: (peer: DocPeer) => void;
  /** An answer came that may not be taken. */
  readonly missed: (peer: DocPeer) => void;
  /** What it sent before it left is still taken. */
  readonly forget: (peer: DocPeer) => void;
  readonly isIdle: () => boolean;
}

interface Waiting {
  readonly kind: 'answer' | 'update';
  readonly update: Uint8Array;
  /** Which of the peer's messages it is, from 1. */
  readonly nth: number;
}

/** How far one peer is. */
interface Course {
  arrived: number;
  readonly queue: Waiting[];
  bytes: number;
  working: boolean;
  /** The queue is being worked off further down the stack. */
  pumping: boolean;
  paused: boolean;
  /** When it was asked for all it has, and has not answered yet. */
  askedAt: number | null;
  asks: number;
  /** Something of it was not taken: nothing counts as received before it has answered with all. */
  behind: boolean;
  /** Under these ids others were writing when it was not taken. */
  foreign: readonly number[];
}

const newCourse = (): Course => ({
  arrived: 0,
  queue: [],
  bytes: 0,
  working: false,
  pumping: false,
  paused: false,
  askedAt: null,
  asks: 0,
  behind: false,
  foreign: [],
});

/** Two of the largest frames, and many small ones; the network holds back the rest. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024 + 64 * 1024;
const MAX_QUEUED = 4096;
const PAUSE_AT_BYTES = 256 * 1024;
const PAUSE_AT = 256;

/** More need not be remembered: one that comes is enough to ask again. */
const MAX_FOREIGN = 64;

/** Who answers in pieces need not say which is the last: after this time it counts as answered. */
const ANSWER_MS = 30_000;

/** Each costs a state vector; an honest client is asked once when it comes, and hardly ever again. */
const MAX_ASKS = 64;

const letGo = (peer: DocPeer, course: Course): void => {
  if (course.paused) peer.socket.resume?.();
  course.paused = false;
};

const drop = (peer: DocPeer, course: Course): void => {
  course.queue.length = 0;
  course.bytes = 0;
  letGo(peer, course);
};

const nextOf = (course: Course): Waiting | undefined => {
  const next = course.working ? undefined : course.queue.shift();
  course.bytes -= next?.update.length ?? 0;
  return next;
};

/** Lets the network hold back what cannot be taken yet. */
const holdBack = (peer: DocPeer, course: Course): void => {
  if (course.paused || (course.bytes < PAUSE_AT_BYTES && course.queue.length < PAUSE_AT)) return;
  course.paused = true;
  peer.socket.pause?.();
};

const isAwaited = ({ timers }: IntakeDeps, { askedAt }: Course): boolean =>
  askedAt !== null && timers.mono() - askedAt < ANSWER_MS;

const ask = (deps: IntakeDeps, peer: DocPeer, course: Course): void => {
  if (isAwaited(deps, course)) return;
  course.asks++;
  if (course.asks > MAX_ASKS) return deps.sendBack(peer, 'changes whose predecessors are missing; come back and sync');
  course.askedAt = deps.timers.mono();
  deps.ask(peer);
};

const endsWith = (outcome: UpdateOutcome): boolean => outcome.type === 'refused' || outcome.type === 'foreign';

/** What an outcome means for its sender, and for those who wait for what it brought. */
const createSettling = (deps: IntakeDeps, courses: ReadonlyMap<DocPeer, Course>) => {
  /** Those whose changes hung on what somebody else was writing, now that this is here or may come from anybody. */
  const askAgain = (concerns: (foreign: readonly number[], peer: DocPeer) => boolean): void => {
    for (const [peer, course] of courses) {
      if (course.foreign.length === 0 || !concerns(course.foreign, peer)) continue;
      course.foreign = [];
      // also of one whose answer comes in pieces: it may have sent the one that now can be taken
      course.askedAt = null;
      ask(deps, peer, course);
    }
  };

  const applied = (peer: DocPeer, kind: UpdateKind, author: number | null): void => {
    if (author === null) return;
    // a piece of an answer may hold what others wrote
    if (kind === 'update') deps.authors.wrote(peer, author);
    askAgain((foreign) => foreign.includes(author));
  };

  const settle = (peer: DocPeer, course: Course, kind: UpdateKind, outcome: UpdateOutcome): void => {
    if (kind === 'answer') {
      course.askedAt = null;
      course.behind = course.foreign.length > 0;
    }
    switch (outcome.type) {
      case 'applied':
        return applied(peer, kind, outcome.author);
      case 'partly':
        course.behind = true;
        course.foreign = [...course.foreign, ...outcome.foreign].slice(0, MAX_FOREIGN);
        return;
      case 'lacks':
        course.behind = true;
        return ask(deps, peer, course);
      case 'foreign':
        return deps.sendBack(peer, 'somebody else is writing under this client id; come back and sync');
      case 'refused':
        return deps.refuse(peer, outcome.message);
    }
  };

  return { settle, askAgain };
};

export const createIntake = (deps: IntakeDeps): Intake => {
  const courses = new Map<DocPeer, Course>();
  const left = new WeakSet<DocPeer>();
  const allowances = createAllowances(deps.timers);
  const { settle, askAgain } = createSettling(deps, courses);
  let working = 0;

  const courseOf = (peer: DocPeer): Course => {
    const found = courses.get(peer);
    if (found !== undefined) return found;
    const course = newCourse();
    courses.set(peer, course);
    return course;
  };

  const finish = (peer: DocPeer, course: Course): void => {
    course.working = false;
    working--;
    if (course.queue.length > 0) return;
    letGo(peer, course);
    if (left.has(peer)) courses.delete(peer);
  };

  const start = (peer: DocPeer, course: Course, next: Waiting): void => {
    const live = deps.live();
    if (live === null) return drop(peer, course);
    const kind = next.kind === 'update' && isAwaited(deps, course) ? 'part' : next.kind;
    const steps = live.take(next.update, kind, {
      origin: peer,
      isForeign: (client) => deps.authors.isForeign(peer, client),
      mayWalk: (steps) => allowances.take(peer.grant.tokenId, steps),
    });
    course.working = true;
    working++;
    deps.turns.start(() => {
      // given up meanwhile: its peers have been sent away, and come back with all they have
      if (deps.live() !== live) drop(peer, course);
      else {
        const step = steps.next();
        if (step.done !== true) return step.value;
        settle(peer, course, kind, step.value);
        if (endsWith(step.value)) drop(peer, course);
        else if (!course.behind) peer.received = next.nth;
      }
      finish(peer, course);
      deps.onTaken();
      pump(peer, course);
      return null;
    });
  };

  const pump = (peer: DocPeer, course: Course): void => {
    if (course.pumping) return;
    course.pumping = true;
    for (let next = nextOf(course); next !== undefined; next = nextOf(course)) start(peer, course, next);
    course.pumping = false;
  };

  return {
    take: (peer, kind, update) => {
      const course = courseOf(peer);
      course.arrived++;
      const full = course.queue.length >= MAX_QUEUED || course.bytes + update.length > MAX_QUEUED_BYTES;
      if (full) {
        drop(peer, course);
        return deps.sendBack(peer, 'more changes at once than the relay takes; come back and sync');
      }
      // its answer came in pieces, and one of them was not taken
      if (course.behind && course.foreign.length === 0) ask(deps, peer, course);
      course.queue.push({ kind, update, nth: course.arrived });
      course.bytes += update.length;
      if (!course.working) pump(peer, course);
      if (course.working && course.queue.length > 0) holdBack(peer, course);
    },
    asked: (peer) => {
      courseOf(peer).askedAt = deps.timers.mono();
    },
    missed: (peer) => {
      courseOf(peer).askedAt = null;
    },
    forget: (peer) => {
      left.add(peer);
      deps.authors.forget(peer);
      if (courses.get(peer)?.working !== true) courses.delete(peer);
      askAgain((foreign, other) => foreign.some((client) => !deps.authors.isForeign(other, client)));
    },
    isIdle: () => working === 0,
  };
};
