import { type Participant, participantName } from '@baton/schema/doc';
import type { StartRow } from '@baton/schema/http';
import { categoryOf, compareBibs, type FoldInputs } from '@baton/schema/results';
import { type Sliced, sortSliced } from '@baton/schema/roster';

const STEP = 100;

/** Everybody who may start in a race, by bib, some at a time. */
export function* startRows({ raceId, setup, roster, date }: FoldInputs): Sliced<readonly StartRow[]> {
  const race = setup.races.get(raceId);
  const year = Number((race?.startAt ?? date).slice(0, 4));
  const starters: Participant[] = [];
  let count = 0;
  for (const it of roster.participants.values()) {
    if (it.raceId === null || it.raceId === raceId) starters.push(it);
    if (++count % STEP === 0) yield;
  }
  const rows: StartRow[] = [];
  for (const it of yield* sortSliced(starters, (a, b) => compareBibs(a.bib, b.bib))) {
    const category = categoryOf(it, race?.categories ?? [], year);
    rows.push({ raceId, bib: it.bib, name: participantName(it), club: it.club, category, sex: it.sex });
    if (rows.length % STEP === 0) yield;
  }
  return rows;
}
