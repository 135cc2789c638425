export interface Finding {
  readonly table: string;
  /** Which row, in words. */
  readonly where: string;
  readonly message: string;
  /**
   * - `index`: an index does not fit its table, and may be made again from the rows, each of which proves itself
   * - `none`: an index does not fit rows that do not prove whose they are: which of the two is right, nobody can say
   * - `leftover`: rows of an import that was cut, which nobody has ever seen; no damage
   */
  readonly cure?: 'index' | 'none' | 'leftover';
}

export interface Report {
  readonly findings: readonly Finding[];
  /** Findings beyond those that are told. */
  readonly more: number;
  /** Rows that were looked at, by table. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Notes {
  readonly count: (table: string) => void;
  readonly note: (finding: Finding) => void;
  readonly report: () => Report;
}

/** More say no more. */
const MAX_FINDINGS = 100;

export const createNotes = (): Notes => {
  const findings: Finding[] = [];
  const counts: Record<string, number> = {};
  let more = 0;
  return {
    count: (table) => {
      counts[table] = (counts[table] ?? 0) + 1;
    },
    note: (finding) => {
      if (findings.length < MAX_FINDINGS) findings.push(finding);
      else more++;
    },
    report: () => ({ findings, more, counts }),
  };
};

export const isDamage = ({ cure }: Finding): boolean => cure !== 'leftover';
