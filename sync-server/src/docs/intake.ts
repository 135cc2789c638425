import type { Timers } from '@baton/schema/ports';
import type { Authors } from './authors.ts';
import {
  type Course,
  dequeue,
  drop,
  enqueue,
  hasMany,
  hasRoom,
  holdBack,
  letGo,
  newCourse,
  type Waiting,
} from './course.ts';
import type { DocPeer } from './doc-peers.ts';
import { createAllowances } from './gate/allowance.ts';
import type { Arrived } from './gate/joined-steps.ts';
import type { UpdateKind, UpdateOutcome } from './gate/update-steps.ts';
import type { Task, WorkTurns } from './gate/work-turns.ts';
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

/** More need not be remembered: one that comes is enough to ask again. */
const MAX_FOREIGN = 64;

/** Who answers in pieces need not say which is the last: after this time it counts as answered. */
const ANSWER_MS = 30_000;

/** Each costs a state vector; an honest client is asked once when it comes, and hardly ever again. */
const MAX_ASKS = 64;

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
const createSettling = (deps: IntakeDeps) => {
  /** Those whose changes hang on what somebody else is writing: hardly ever any, and looked at with each change. */
  const hanging = new Map<DocPeer, Course>();

  /** Those whose changes hung on what somebody else was writing, now that this is here or may come from anybody. */
  const askAgain = (concerns: (foreign: readonly number[], peer: DocPeer) => boolean): void => {
    for (const [peer, course] of hanging) {
      if (!concerns(course.foreign, peer)) continue;
      hanging.delete(peer);
      course.foreign = [];
      // also of one whose answer comes in pieces: it may have sent the one that now can be taken
      course.askedAt = null;
      ask(deps, peer, course);
    }
  };

  const applied = (peer: DocPeer, kind: UpdateKind, author: number | null): void => {
    if (author === null) return;
    // a piece of an answer may hold what others wrote
    if (kind === 'update' && !peer.isLink) deps.authors.wrote(peer, author);
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
        if (course.foreign.length > 0) hanging.set(peer, course);
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

  return { settle, askAgain, forget: (peer: DocPeer) => hanging.delete(peer) };
};

export const createIntake = (deps: IntakeDeps): Intake => {
  const courses = new Map<DocPeer, Course>();
  const left = new WeakSet<DocPeer>();
  const allowances = createAllowances(deps.timers);
  const settling = createSettling(deps);
  let busy = 0;

  const courseOf = (peer: DocPeer): Course => {
    const found = courses.get(peer);
    if (found !== undefined) return found;
    const course = newCourse();
    courses.set(peer, course);
    return course;
  };

  const discard = (peer: DocPeer): void => {
    courses.delete(peer);
    settling.forget(peer);
  };

  const finish = (peer: DocPeer, course: Course): void => {
    course.state = 'idle';
    busy--;
    letGo(peer, course);
    if (left.has(peer)) discard(peer);
  };

  const arrivedOf = (peer: DocPeer, course: Course, { update, kind: sentAs, nth }: Waiting): Arrived => {
    const kind = sentAs === 'update' && isAwaited(deps, course) ? 'part' : sentAs;
    return {
      bytes: update,
      kind,
      settle: (outcome) => {
        settling.settle(peer, course, kind, outcome);
        if (endsWith(outcome)) drop(peer, course);
        else if (!course.behind) peer.received = nth;
      },
    };
  };

  const taskOf = (live: LiveDoc, peer: DocPeer, course: Course): Task =>
    live.take({
      origin: peer,
      isForeign: (client) => deps.authors.isForeign(peer, client),
      mayWalk: (steps) => allowances.take(peer.grant.tokenId, steps),
      next: () => {
        const waiting = dequeue(course);
        return waiting && arrivedOf(peer, course, waiting);
      },
    });

  /** Given up meanwhile, its peers have been sent away: they come back with all they have. */
  const giveUp = (peer: DocPeer, course: Course): null => {
    drop(peer, course);
    finish(peer, course);
    return null;
  };

  const work = (peer: DocPeer, course: Course): void => {
    course.state = 'working';
    const live = deps.live();
    if (live === null) return void giveUp(peer, course);
    const task = taskOf(live, peer, course);
    deps.turns.start(() => {
      if (deps.live() !== live) return giveUp(peer, course);
      const cost = task();
      deps.onTaken();
      if (cost === null) finish(peer, course);
      return cost;
    });
  };

  /** What came in the same piece from the network is taken together: its frames are told one after another, in one go. */
  const gather = (peer: DocPeer, course: Course): void => {
    course.state = 'gathering';
    busy++;
    queueMicrotask(() => {
      if (course.state === 'gathering') work(peer, course);
    });
  };

  return {
    take: (peer, kind, update) => {
      const course = courseOf(peer);
      course.arrived++;
      if (!hasRoom(course, update)) {
        drop(peer, course);
        return deps.sendBack(peer, 'more changes at once than the relay takes; come back and sync');
      }
      // its answer came in pieces, and one of them was not taken
      if (course.behind && course.foreign.length === 0) ask(deps, peer, course);
      enqueue(course, { kind, update, nth: course.arrived });
      if (course.state === 'idle') gather(peer, course);
      if (course.state === 'gathering' && hasMany(course)) work(peer, course);
      if (course.state === 'working') holdBack(peer, course);
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
      if ((courses.get(peer)?.state ?? 'idle') === 'idle') discard(peer);
      settling.askAgain((foreign, other) => foreign.some((client) => !deps.authors.isForeign(other, client)));
    },
    isIdle: () => busy === 0,
  };
};
