import type { WritableShelf } from './shelf.ts';

/** What may be done between two pauses: a row that is put costs one, and each message to somebody about it some more. */
const COST = 200;
const MESSAGE = 4;

/** Counts what changes of a shelf cost, with what those are told who follow it: true when others should get their turn. */
export const createPace = (shelf: Pick<WritableShelf, 'told'>): (() => boolean) => {
  let rows = 0;
  let told = shelf.told();
  return () => {
    rows++;
    if (rows + MESSAGE * (shelf.told() - told) < COST) return false;
    rows = 0;
    told = shelf.told();
    return true;
  };
};
