import type { ImportPlan, ImportWarning } from './import-plan.ts';
import { MAX_PROBLEMS } from './line-problem.ts';

/** Collects warnings; past the bound they are only counted. */
export interface WarningList {
  readonly add: (type: ImportWarning['type'], line: number | null, message: string) => void;
  readonly all: () => Pick<ImportPlan, 'warnings' | 'moreWarnings'>;
}

export const createWarningList = (): WarningList => {
  const warnings: ImportWarning[] = [];
  let count = 0;
  return {
    add: (type, line, message) => {
      count++;
      if (warnings.length < MAX_PROBLEMS) warnings.push({ type, line, message });
    },
    all: () => ({ warnings, moreWarnings: count - warnings.length }),
  };
};
