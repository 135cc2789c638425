import type * as Y from 'yjs';
import {
  type Cost,
  CUT,
  costOf,
  costOfMove,
  deletedBeside,
  isDeletedAlready,
  JOIN,
  type ListNodes,
} from './list-nodes.ts';
import type { DeletedRange } from './scan.ts';

/** What it costs to delete ranges of lists; of maps, nothing that counts. */
export const createHoles = (doc: Y.Doc, nodes: ListNodes) => {
  /** Of several in a run, the gate makes those in the middle first: so halves are cut in halves. */
  const costOfHole = (range: DeletedRange): number => {
    const run = nodes.find(range)?.run;
    if (run === undefined) return 0;
    run.holes++;
    const structs = (doc.store.clients.get(range.client)?.length ?? 0) + 2 * run.holes;
    return costOf(run.length / run.holes, run.copies, CUT) + 2 * costOfMove(structs) + nodes.takeMoved();
  };

  return (range: DeletedRange): Cost => {
    if (isDeletedAlready(doc, range)) return { steps: 0, pieces: 0 };
    const { client, clock, length } = range;
    const pieces = [clock, clock + length].filter((at) => !nodes.isEdge(client, at)).length;
    const joined = costOf(deletedBeside(doc, range), 'values', JOIN);
    return { steps: joined + (pieces > 0 ? costOfHole(range) : 0), pieces };
  };
};
