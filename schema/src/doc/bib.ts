import { z } from 'zod';

/** A start number as people write it: `17`, `A-17`. */
export const Bib = z
  .string()
  .trim()
  .max(32)
  .regex(/^[^\p{Cc}]+$/u, 'expected a bib of printable characters');

export const ResultStatus = z.enum(['DNS', 'DNF', 'DSQ']);
export type ResultStatus = z.infer<typeof ResultStatus>;
