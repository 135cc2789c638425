import { type ParticipantInput, participantIdFor } from '../../src/doc/index.ts';
import { RaceId, StreamId } from '../../src/ids.ts';

/** A small event that tests of the documents share. */
export const raceId = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f001');
export const raceB = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f002');
export const mat = StreamId.parse('box-1.mat');

export const id = (bib: string) => participantIdFor(null, bib);

/** Somebody of no race. */
export const runner = (bib: string, more: Partial<ParticipantInput> = {}): ParticipantInput => ({
  participantId: id(bib),
  bib,
  lastName: `Runner ${bib}`,
  ...more,
});
