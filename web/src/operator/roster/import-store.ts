import type { Setup } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import type { Timers } from '@baton/schema/ports';
import {
  type Columns,
  type ImportMode,
  type ImportPlan,
  inspectList,
  type LineProblems,
  type ListLook,
  MAX_LIST_BYTES,
  type ParsedRoster,
  parseRosterSliced,
  planImportSliced,
  planSteps,
  type RosterFormat,
  type RosterKind,
  runPaced,
} from '@baton/schema/roster';
import { type ReadonlySignal, signal } from '@preact/signals';
import { createPagePace } from '../page-pace.ts';
import type { RosterStore } from './roster-store.ts';

/** The list that somebody has chosen. */
export interface ImportSource {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ImportChoices {
  readonly kind: RosterKind;
  readonly format: RosterFormat;
  readonly columns: Columns;
  readonly raceId: RaceId | null;
  readonly mode: ImportMode;
}

/** How far an import has got. */
export type ImportStage =
  | { readonly type: 'choosing'; readonly problem: string | null }
  | { readonly type: 'reading' }
  | ({ readonly type: 'refused' } & LineProblems)
  /** `changed`: the roster was changed by others since the preview before this one. */
  | {
      readonly type: 'planned';
      readonly parsed: ParsedRoster;
      readonly plan: ImportPlan;
      readonly isNewPreview: boolean;
    }
  | { readonly type: 'applied'; readonly plan: ImportPlan };

export interface ImportStore {
  readonly source: ReadonlySignal<ImportSource | null>;
  readonly look: ReadonlySignal<ListLook | null>;
  readonly choices: ReadonlySignal<ImportChoices>;
  readonly stage: ReadonlySignal<ImportStage>;
  readonly choose: (source: ImportSource) => Promise<void>;
  /** Another choice plans anew. */
  readonly change: (choices: Partial<ImportChoices>) => Promise<void>;
  /** Plans again for the roster as it is now; applies when that comes to the same as what was shown. */
  readonly apply: () => Promise<void>;
  /** Puts the list away; the next one goes into the race, unless another is chosen. */
  readonly reset: (raceId?: RaceId | null) => void;
}

export interface ImportStoreDeps {
  readonly roster: RosterStore;
  readonly setup: ReadonlySignal<Setup>;
  readonly timers: Timers;
}

const CHOOSING: ImportStage = { type: 'choosing', problem: null };

/** What a format holds; a CSV file that has chips and nothing about people is a list of chips. */
export const kindOf = (format: RosterFormat, columns: Columns): RosterKind => {
  if (format !== 'csv') return format === 'bibchip' ? 'chips' : 'participants';
  const fields = columns.filter((field) => field !== null);
  return fields.includes('chip') && fields.every((it) => it === 'chip' || it === 'bib' || it === 'race')
    ? 'chips'
    : 'participants';
};

const sizes = ({ added, changed, removed, chips }: ImportPlan): string =>
  [added, changed, removed, chips.given, chips.moved, chips.removed].map((it) => it.length).join();

export const createImportStore = ({ roster, setup, timers }: ImportStoreDeps): ImportStore => {
  const pace = createPagePace(timers);
  const source = signal<ImportSource | null>(null);
  const look = signal<ListLook | null>(null);
  const stage = signal<ImportStage>(CHOOSING);
  const choices = signal<ImportChoices>({
    kind: 'participants',
    format: 'csv',
    columns: [],
    raceId: null,
    mode: 'merge',
  });
  /** Grows with every choice: an answer to an earlier one is thrown away. */
  let turn = 0;

  const plan = async (parsed: ParsedRoster, isNewPreview: boolean): Promise<ImportStage> => {
    const { raceId, mode } = choices.peek();
    const work = planImportSliced(roster.roster, setup.peek(), parsed, { raceId, mode });
    const outcome = await runPaced(work, pace);
    return outcome.type === 'planned' ? { type: 'planned', parsed, plan: outcome.plan, isNewPreview } : outcome;
  };

  const read = async (bytes: Uint8Array): Promise<ImportStage> => {
    const { kind, format, columns } = choices.peek();
    const options = { kind, format, ...(format === 'csv' ? { columns } : {}) };
    const outcome = await runPaced(parseRosterSliced(bytes, options), pace);
    return outcome.type === 'parsed' ? plan(outcome.parsed, false) : outcome;
  };

  const readAgain = async (): Promise<void> => {
    const chosen = source.peek();
    if (chosen === null) return;
    const mine = ++turn;
    stage.value = { type: 'reading' };
    const result = await read(chosen.bytes);
    if (mine === turn) stage.value = result;
  };

  const inspect = (bytes: Uint8Array, format?: RosterFormat): boolean => {
    const found = inspectList(bytes, { format });
    if (!found.ok) {
      turn++;
      look.value = null;
      stage.value = { type: 'refused', problems: [found.error], more: 0 };
      return false;
    }
    const { value } = found;
    look.value = value;
    choices.value = {
      ...choices.peek(),
      format: value.format,
      columns: value.proposal,
      kind: kindOf(value.format, value.proposal),
    };
    return true;
  };

  return {
    source,
    look,
    choices,
    stage,
    choose: async (chosen) => {
      if (chosen.bytes.length > MAX_LIST_BYTES) {
        stage.value = { type: 'choosing', problem: `${chosen.name} is larger than 16 MB: import it in parts.` };
        return;
      }
      source.value = chosen;
      if (inspect(chosen.bytes)) await readAgain();
    },
    change: async (change) => {
      const { format, columns } = change;
      const chosen = source.peek();
      if (format !== undefined && chosen !== null && !inspect(chosen.bytes, format)) return;
      const next = { ...choices.peek(), ...change };
      choices.value = columns === undefined ? next : { ...next, kind: kindOf(next.format, columns) };
      await readAgain();
    },
    apply: async () => {
      const shown = stage.peek();
      const name = source.peek()?.name ?? 'list';
      if (shown.type !== 'planned') return;
      const mine = ++turn;
      stage.value = { type: 'reading' };
      const now = await plan(shown.parsed, true);
      if (mine !== turn) return;
      if (now.type !== 'planned' || sizes(now.plan) !== sizes(shown.plan)) {
        stage.value = now;
        return;
      }
      stage.value = { type: 'applied', plan: now.plan };
      const isRun = await roster.batches.run(`Import of ${name}`, planSteps(now.plan), 'import');
      if (!isRun && mine === turn) stage.value = shown;
    },
    reset: (raceId) => {
      turn++;
      if (raceId !== undefined) choices.value = { ...choices.peek(), raceId, mode: 'merge' };
      source.value = null;
      look.value = null;
      stage.value = CHOOSING;
    },
  };
};
