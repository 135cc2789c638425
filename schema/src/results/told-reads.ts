import type { ParticipantId } from '../doc/roster-doc.ts';
import { type Crossing, fatesIn } from './course.ts';
import type { Entrant } from './entrant.ts';
import type { Fate } from './fate.ts';
import type { FoldRead } from './fold-read.ts';
import { compareHeld } from './held-reads.ts';
import type { Judged } from './judged.ts';

/** A counted read: one passage of one participant over one point. */
export interface CrossingRow {
  readonly participantId: ParticipantId;
  readonly bib: string;
  readonly name: string;
  readonly pointId: string;
  /** The read that gave the time. */
  readonly read: FoldRead;
}

export interface ReadFate {
  readonly read: FoldRead;
  readonly fate: Fate;
  /** The point its stream stands at; null: none of this race's. */
  readonly pointId: string | null;
}

export interface UnknownChip {
  readonly chip: string;
  readonly reads: number;
  /** Latest receipt, ms since the Unix epoch. */
  readonly lastReceivedAt: number;
}

const crossingsIn = ({ course: { start, splits, finish } }: Entrant): readonly Crossing[] =>
  [start, ...splits, finish].filter((it) => it !== null);

const pointIdAt = ({ plan }: Judged, point: number | string): string | null =>
  typeof point === 'string' ? null : (plan().points[point]?.pointId ?? null);

const crossingRow = (judged: Judged, { participant, entry }: Entrant, { point, read }: Crossing): CrossingRow => ({
  participantId: participant.participantId,
  bib: participant.bib,
  name: entry?.name ?? '',
  pointId: pointIdAt(judged, point) ?? '',
  read: judged.reads.readOf(read),
});

/** Those of one participant, in the order of the course. */
export const crossingsOf = (judged: Judged, participantId: ParticipantId): readonly CrossingRow[] => {
  const entrant = judged.entrants.get(participantId);
  return entrant === undefined ? [] : crossingsIn(entrant).map((it) => crossingRow(judged, entrant, it));
};

export const allCrossings = (judged: Judged): readonly CrossingRow[] => {
  const found = [...judged.entrants.values()].flatMap((entrant) =>
    crossingsIn(entrant).map((crossing) => ({ entrant, crossing })),
  );
  found.sort((a, b) => compareHeld(a.crossing.read, b.crossing.read));
  return found.map(({ entrant, crossing }) => crossingRow(judged, entrant, crossing));
};

export function* allFates(judged: Judged): Iterable<ReadFate> {
  const { reads, placeOf, settledFate, plan } = judged;
  for (const source of reads.sources.values()) {
    const pointId = pointIdAt(judged, placeOf(source));
    for (const read of source.reads) {
      const fate = settledFate(read);
      if (fate !== null) yield { read: reads.readOf(read), fate, pointId };
    }
  }
  for (const { course, lanes } of judged.entrants.values()) {
    for (const lane of lanes) {
      const fateOf = fatesIn(plan(), course, lane);
      const pointId = pointIdAt(judged, lane.point);
      for (const read of lane.reads) yield { read: reads.readOf(read), fate: fateOf(read), pointId };
    }
  }
}

/** Most reads first. */
export const unknownChips = ({ reads, settledFate }: Judged): readonly UnknownChip[] => {
  const found: UnknownChip[] = [];
  for (const { text: chip, reads: all } of reads.chips.values()) {
    const unknown = all.filter((read) => settledFate(read) === 'unknown-chip');
    if (unknown.length === 0) continue;
    const last = unknown.reduce((latest, { received }) => Math.max(latest, received), Number.NEGATIVE_INFINITY);
    found.push({ chip, reads: unknown.length, lastReceivedAt: Math.max(0, last + reads.clock.base) });
  }
  return found.sort((a, b) => b.reads - a.reads || (a.chip < b.chip ? -1 : 1));
};
