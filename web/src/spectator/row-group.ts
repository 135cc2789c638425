import type { ResultRow } from './public-body.ts';
import type { RowFilter } from './row-window.ts';

type Group = Pick<RowFilter, 'category' | 'sex'>;

const SEXES = ['F', 'M', 'X'] as const;
export type Sex = (typeof SEXES)[number];

/** A choice among everybody, the sexes and the categories, as one text. */
export const groupValue = ({ category, sex }: Group): string =>
  category !== null ? `category ${category}` : sex !== null ? `sex ${sex}` : '';

export const groupOf = (value: string): Group => {
  const [, kind, name = ''] = /^(category|sex) (.*)$/s.exec(value) ?? [];
  return { category: kind === 'category' ? name : null, sex: kind === 'sex' ? name : null };
};

/** The sexes to choose from: women and men as soon as one is known, others where there are any. */
export const sexesOf = (chosen: string | null, rows: readonly Pick<ResultRow, 'sex'>[]): readonly Sex[] => {
  const seen = new Set([chosen, ...rows.map((it) => it.sex)]);
  if (!SEXES.some((it) => seen.has(it))) return [];
  return SEXES.filter((it) => it !== 'X' || seen.has('X'));
};
