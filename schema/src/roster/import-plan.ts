import type { Participant, ParticipantId } from '../doc/roster-doc.ts';
import type { RaceId } from '../ids.ts';
import type { LineProblems } from './line-problem.ts';
import type { RosterKind } from './roster-row.ts';

/** `merge` adds and changes; `replace` also takes away what the file does not have. */
export type ImportMode = 'merge' | 'replace';

export interface ImportOptions {
  /** Race of the rows that name none. In `replace`, only what is of this race is taken away. */
  readonly raceId?: RaceId | null | undefined;
  /** Absent: merge. */
  readonly mode?: ImportMode | undefined;
}

/** A field that an import may change. */
export type ImportedField = 'firstName' | 'lastName' | 'club' | 'sex' | 'birthYear' | 'category';

export interface AddedParticipant {
  readonly line: number;
  readonly participant: Participant;
}

export interface ChangedParticipant extends AddedParticipant {
  readonly before: Participant;
  readonly fields: readonly ImportedField[];
}

export interface GivenChip {
  readonly line: number;
  readonly chip: string;
  readonly participantId: ParticipantId;
  readonly bib: string;
}

export interface MovedChip extends GivenChip {
  readonly from: ParticipantId;
}

export interface RemovedChip {
  readonly chip: string;
  readonly participantId: ParticipantId;
}

/** Something that people should look at before they go on; it hinders nothing. */
export interface ImportWarning {
  readonly type: 'chip-moves' | 'other-race' | 'bib-reused' | 'bib-twice' | 'no-name' | 'unknown-category';
  readonly line: number | null;
  readonly message: string;
}

/** What an import would do to a roster as it is now. */
export interface ImportPlan {
  readonly kind: RosterKind;
  /** Rows of the file. */
  readonly imported: number;
  readonly added: readonly AddedParticipant[];
  readonly changed: readonly ChangedParticipant[];
  readonly unchanged: number;
  readonly removed: readonly Participant[];
  readonly chips: {
    readonly given: readonly GivenChip[];
    readonly moved: readonly MovedChip[];
    readonly unchanged: number;
    /** Also those of removed participants. */
    readonly removed: readonly RemovedChip[];
  };
  /** At most `MAX_PROBLEMS`; `moreWarnings` counts the others. */
  readonly warnings: readonly ImportWarning[];
  readonly moreWarnings: number;
}

export type PlanOutcome =
  | { readonly type: 'planned'; readonly plan: ImportPlan }
  | ({ readonly type: 'refused' } & LineProblems);

/** Whether applying the plan would change nothing. */
export const isEmptyPlan = ({ added, changed, removed, chips }: ImportPlan): boolean =>
  added.length + changed.length + removed.length === 0 &&
  chips.given.length + chips.moved.length + chips.removed.length === 0;
