export type { DocProblem } from './doc-entry.ts';
export type { DocName } from './doc-name.ts';
export { parseDocName, receiverDocName, rosterDocName, setupDocName } from './doc-name.ts';
export type { Category, Point, Race } from './race.ts';
export { CategoryInput, Label, PointInput, PointKind, RaceInput, RacePatch, Sex, StartAt } from './race.ts';
export type { SelectionRead } from './receiver-doc.ts';
export { readReceiver, readSelection, writeSelection } from './receiver-doc.ts';
export type { ReceiverRoots, RosterRoots, SetupRoots } from './roots.ts';
export { receiverRoots, rosterRoots, setupRoots } from './roots.ts';
export type { Participant, Roster, RosterRead } from './roster-doc.ts';
export {
  Bib,
  Correction,
  chipKey,
  clearRoster,
  createRosterReader,
  EMPTY_ROSTER,
  ParticipantId,
  ParticipantInput,
  participantIdFor,
  participantName,
  putChip,
  putChips,
  putParticipant,
  putParticipants,
  ResultStatus,
  readRoster,
  removeChip,
  removeParticipant,
  setCorrection,
} from './roster-doc.ts';
export type { Rules } from './rules.ts';
export { DEFAULT_RULES, RULE_MAX_MS, RulesPatch } from './rules.ts';
export type { Setup } from './setup-doc.ts';
export { EMPTY_SETUP, readSetup, setupView } from './setup-doc.ts';
export {
  deleteRace,
  labelStream,
  mapEpoch,
  nameEpoch,
  patchRace,
  placeStream,
  putRace,
  removeStream,
  setForwarderRace,
  setRules,
} from './setup-edit.ts';
