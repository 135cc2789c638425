export type { Columns, RosterField } from './columns.ts';
export { columnsDefect, mapHeaders, ROSTER_FIELDS } from './columns.ts';
export type { DecodedText, Encoding } from './decode-text.ts';
export { decodeText, MAX_LIST_BYTES } from './decode-text.ts';
export { guessFormat } from './guess-format.ts';
export type {
  AddedParticipant,
  ChangedParticipant,
  GivenChip,
  ImportedField,
  ImportMode,
  ImportOptions,
  ImportPlan,
  ImportWarning,
  MovedChip,
  PlanOutcome,
  RemovedChip,
} from './import-plan.ts';
export { isEmptyPlan } from './import-plan.ts';
export type { ListLook } from './inspect-list.ts';
export { inspectList } from './inspect-list.ts';
export type { LineProblem, LineProblems } from './line-problem.ts';
export { MAX_PROBLEMS } from './line-problem.ts';
export type { ParseOptions, ParseOutcome } from './parse-roster.ts';
export { parseRoster, parseRosterSliced } from './parse-roster.ts';
export { planImport, planImportSliced } from './plan-import.ts';
export type { PlanStep } from './plan-steps.ts';
export { applyPlan, eachPlanStep, planSteps } from './plan-steps.ts';
export type { ParsedRoster, ReadColumn, RosterFormat, RosterKind, RosterRow } from './roster-row.ts';
export { MAX_LIST_ROWS } from './roster-row.ts';
export type { Pace, Sliced } from './sliced.ts';
export { runAtOnce, runPaced } from './sliced.ts';
export { sortSliced } from './sort-sliced.ts';
