import * as Y from 'yjs';
import {
  EMPTY_SETUP,
  type Participant,
  putRace,
  type Roster,
  readRoster,
  readSetup,
  type Setup,
} from '../../src/doc/index.ts';
import { RaceId } from '../../src/ids.ts';
import {
  applyPlan,
  type ImportOptions,
  type ImportPlan,
  type ParsedRoster,
  type ParseOptions,
  parseRoster,
  planImport,
} from '../../src/roster/index.ts';

export const TEN = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f001');
export const FIVE = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f002');

/** Two races, one with categories. */
export const twoRaces = (): Setup => {
  const doc = new Y.Doc();
  const categories = [
    { categoryId: 'W40', name: 'Women 40', sex: 'F' as const },
    { categoryId: 'M40', name: 'Men 40', sex: 'M' as const },
  ];
  putRace(doc, { raceId: TEN, name: '10 km', categories });
  putRace(doc, { raceId: FIVE, name: '5 km' });
  return readSetup(doc).setup;
};

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Each character as one byte. */
export const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (it) => it.charCodeAt(0));

export const parsed = (list: string | Uint8Array, options?: ParseOptions): ParsedRoster => {
  const outcome = parseRoster(typeof list === 'string' ? bytes(list) : list, options);
  if (outcome.type === 'refused') throw new Error(`refused: ${JSON.stringify(outcome.problems)}`);
  return outcome.parsed;
};

/** Line and message of each problem, `3: …`. */
export const parseProblems = (list: string | Uint8Array, options?: ParseOptions): readonly string[] => {
  const outcome = parseRoster(typeof list === 'string' ? bytes(list) : list, options);
  return outcome.type === 'parsed' ? [] : outcome.problems.map(({ line, message }) => `${line}: ${message}`);
};

export const planned = (
  roster: Roster,
  list: ParsedRoster,
  options?: ImportOptions,
  setup = EMPTY_SETUP,
): ImportPlan => {
  const outcome = planImport(roster, setup, list, options);
  if (outcome.type === 'refused') throw new Error(`refused: ${JSON.stringify(outcome.problems)}`);
  return outcome.plan;
};

export const planProblems = (doc: Y.Doc, list: string, options?: ImportOptions & ParseOptions, setup = EMPTY_SETUP) => {
  const outcome = planImport(readRoster(doc).roster, setup, parsed(list, options), options);
  return outcome.type === 'planned' ? [] : outcome.problems.map(({ line, message }) => `${line}: ${message}`);
};

/** Imports a list as a whole; gives back what was planned. */
export const importInto = (
  doc: Y.Doc,
  list: string,
  options?: ImportOptions & ParseOptions,
  setup: Setup = EMPTY_SETUP,
): ImportPlan => {
  const plan = planned(readRoster(doc).roster, parsed(list, options), options, setup);
  applyPlan(doc, plan);
  return plan;
};

export const people = (doc: Y.Doc): readonly Participant[] => [...readRoster(doc).roster.participants.values()];

/** `bib first last` of everybody, sorted. */
export const names = (doc: Y.Doc): readonly string[] =>
  people(doc)
    .map((it) => `${it.bib} ${it.firstName} ${it.lastName}`)
    .sort();

/** Everything a roster says, in an order of its own. */
export const content = (doc: Y.Doc): object => {
  const { roster, problems } = readRoster(doc);
  return {
    participants: [...roster.participants].sort(([a], [b]) => (a < b ? -1 : 1)),
    chips: [...roster.chips].sort(([a], [b]) => (a < b ? -1 : 1)),
    corrections: [...roster.corrections].sort(([a], [b]) => (a < b ? -1 : 1)),
    problems,
  };
};
