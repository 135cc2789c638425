/** What is wrong with a list, and where. */
export interface LineProblem {
  /** From 1, as an editor shows it; a row that spans lines is named by its first. Null: the file as a whole. */
  readonly line: number | null;
  readonly message: string;
}

/** Everything that is wrong, as far as it is worth reading. */
export interface LineProblems {
  readonly problems: readonly LineProblem[];
  /** How many more there are. */
  readonly more: number;
}

export const MAX_PROBLEMS = 100;
const MAX_SHOWN = 40;

export const problemOn = (line: number | null, message: string): LineProblem => ({ line, message });

/** A cell as a message quotes it: cut, and without what could drive a terminal. */
export const shown = (text: string): string => {
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return JSON.stringify(cut.replace(/\p{Cc}/gu, '\uFFFD'));
};

/** Collects problems; past the bound they are only counted. */
export interface ProblemList {
  readonly add: (line: number | null, message: string) => void;
  readonly count: () => number;
  /** In the order of the lines. */
  readonly all: () => LineProblems;
}

export const createProblemList = (): ProblemList => {
  const problems: LineProblem[] = [];
  let count = 0;
  return {
    add: (line, message) => {
      count++;
      if (problems.length < MAX_PROBLEMS) problems.push(problemOn(line, message));
    },
    count: () => count,
    all: () => ({
      problems: [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
      more: count - problems.length,
    }),
  };
};
