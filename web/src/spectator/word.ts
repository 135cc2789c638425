import type { PART_ENGLISH } from './part-words.ts';
import type { ENGLISH } from './words-en.ts';

/** Name of a text, also of the parts that are loaded later: those bring their own texts (`part-words.ts`). */
export type Word = keyof typeof ENGLISH | keyof typeof PART_ENGLISH;
export type Words = Readonly<Record<Word, string>>;
