const NUMBER = /^\d{1,15}$/;

/** A bib as a number, beyond all numbers when it is none: bibs go by it, then as text. */
export const bibNumber = (bib: string): number => (NUMBER.test(bib) ? Number(bib) : Number.POSITIVE_INFINITY);

/** Bibs as people order them: 9 before 10, numbers before names. */
export const compareBibs = (a: string, b: string): number => {
  const [numberA, numberB] = [bibNumber(a), bibNumber(b)];
  if (numberA !== numberB) return numberA < numberB ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
};
