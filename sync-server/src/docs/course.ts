import type { DocPeer } from './doc-peers.ts';

/** An update that waits to be taken. */
export interface Waiting {
  readonly kind: 'answer' | 'update';
  readonly update: Uint8Array;
  /** Which of the peer's messages it is, from 1. */
  readonly nth: number;
}

/** How far the updates of one peer are. */
export interface Course {
  arrived: number;
  readonly queue: Waiting[];
  bytes: number;
  /** `gathering`: what else comes with it is waited for, and taken together with it. */
  state: 'idle' | 'gathering' | 'working';
  paused: boolean;
  /** When it was asked for all it has, and has not answered yet. */
  askedAt: number | null;
  asks: number;
  /** Something of it was not taken: nothing counts as received before it has answered with all. */
  behind: boolean;
  /** Under these ids others were writing when it was not taken. */
  foreign: readonly number[];
}

export const newCourse = (): Course => ({
  arrived: 0,
  queue: [],
  bytes: 0,
  state: 'idle',
  paused: false,
  askedAt: null,
  asks: 0,
  behind: false,
  foreign: [],
});

/** Two of the largest frames, and many small ones; the network holds back the rest. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024 + 64 * 1024;
const MAX_QUEUED = 4096;
const MANY_BYTES = 256 * 1024;
const MANY = 256;

export const hasRoom = ({ queue, bytes }: Course, update: Uint8Array): boolean =>
  queue.length < MAX_QUEUED && bytes + update.length <= MAX_QUEUED_BYTES;

/** So much waits that no more should. */
export const hasMany = ({ queue, bytes }: Course): boolean => bytes >= MANY_BYTES || queue.length >= MANY;

export const enqueue = (course: Course, waiting: Waiting): void => {
  course.queue.push(waiting);
  course.bytes += waiting.update.length;
};

export const dequeue = (course: Course): Waiting | undefined => {
  const next = course.queue.shift();
  course.bytes -= next?.update.length ?? 0;
  return next;
};

/** Lets the network hold back what cannot be taken yet. */
export const holdBack = (peer: DocPeer, course: Course): void => {
  if (course.paused || !hasMany(course)) return;
  course.paused = true;
  peer.socket.pause?.();
};

export const letGo = (peer: DocPeer, course: Course): void => {
  if (course.paused) peer.socket.resume?.();
  course.paused = false;
};

/** What waits is not taken. */
export const drop = (peer: DocPeer, course: Course): void => {
  course.queue.length = 0;
  course.bytes = 0;
  letGo(peer, course);
};
