export type { Alarm, RaisedAlarm } from './alarms.ts';
export { AlarmId, AlarmKind, acknowledgeAlarm, clearAlarm, MAX_ALARMS, raiseAlarm, readAlarms } from './alarms.ts';
export { Bib, ResultStatus } from './bib.ts';
export type { Conflict, Version } from './conflicts.ts';
export { chooseVersion, findConflicts } from './conflicts.ts';
export type { DocProblem } from './doc-entry.ts';
export type { DocName } from './doc-name.ts';
export { parseDocName, receiverDocName, rosterDocName, setupDocName } from './doc-name.ts';
export type { Author, Stamp } from './edit-log.ts';
export { EditKind, editAs } from './edit-log.ts';
export type { Change, Edit, HistoryLimits } from './history.ts';
export { HISTORY_LIMITS, readHistory } from './history.ts';
export type { LiveRoster } from './live-roster.ts';
export { createLiveRoster } from './live-roster.ts';
export { participantAt } from './participant-at.ts';
export type { Category, Point, Race } from './race.ts';
export { CategoryInput, Label, PointInput, PointKind, RaceInput, RacePatch, Sex, StartAt } from './race.ts';
export type { SelectionRead } from './receiver-doc.ts';
export { readReceiver, readSelection, writeSelection } from './receiver-doc.ts';
export type { AlarmRoots, ReceiverRoots, ReviewRoots, RosterRoots, SetupRoots } from './roots.ts';
export { alarmRoots, receiverRoots, reviewRoots, rosterRoots, setupRoots } from './roots.ts';
export type { Changed, Participant, ParticipantField, Roster, RosterRead } from './roster-doc.ts';
export {
  Correction,
  chipKey,
  createRosterReader,
  EMPTY_ROSTER,
  fieldKey,
  PARTICIPANT_FIELDS,
  ParticipantId,
  ParticipantInput,
  participantIdFor,
  participantName,
  readRoster,
} from './roster-doc.ts';
export {
  changeParticipants,
  putChip,
  putChips,
  putParticipant,
  putParticipants,
  removeChip,
  removeParticipant,
  removeParticipants,
  setCorrection,
} from './roster-edit.ts';
export type { Rules } from './rules.ts';
export { ClockOffset, DEFAULT_RULES, RULE_MAX_MS, RulesPatch } from './rules.ts';
export type { Setup } from './setup-doc.ts';
export { EMPTY_SETUP, readSetup, setupView } from './setup-doc.ts';
export {
  correctClock,
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
  setWatch,
} from './setup-edit.ts';
export type { ShardedMap } from './sharded-map.ts';
export { createShardedMap } from './sharded-map.ts';
export { canTakeBack, takeBack } from './take-back.ts';
export type { Place, SharedDoc } from './tracked.ts';
export type { Undo, UndoStep } from './undo.ts';
export { createUndo } from './undo.ts';
export type { WatchSettings } from './watch.ts';
export { DEFAULT_WATCH, isWebAddress, WATCH_LIMITS, WATCH_SCHEMAS, WatchPatch } from './watch.ts';
