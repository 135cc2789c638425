import { signal } from '@preact/signals';
import type { Word } from './word.ts';
import { english } from './words-en.ts';

/** Languages with the name each gives itself, and the way it writes numbers and days. */
export const LANGUAGES = [
  { code: 'en', name: 'English', locale: 'en-GB' },
  { code: 'de', name: 'Deutsch', locale: 'de-DE' },
] as const;
export type Language = (typeof LANGUAGES)[number]['code'];

/** The first language that somebody reads and this page speaks; English otherwise. */
export const languageFor = (wanted: readonly string[]): Language =>
  wanted.flatMap((tag) => LANGUAGES.filter((it) => tag.toLowerCase().split('-')[0] === it.code))[0]?.code ?? 'en';

/** How somebody is spoken to. */
interface Speech {
  readonly code: Language;
  readonly words: Readonly<Record<string, string>>;
  /** Of the times of day; undefined: the device's own. */
  readonly timezone?: string;
}

const spoken = signal<Speech>({ code: 'en', words: english });

export const language = (): Language => spoken.value.code;

export const timezone = (): string | undefined => spoken.value.timezone;

export const locale = (): string => LANGUAGES.find((it) => it.code === spoken.value.code)?.locale ?? 'en-GB';

/** Speaks with these words from now on; whatever was said is drawn again. */
export const speakWith = (speech: Speech): void => {
  spoken.value = speech;
};

/** Speaks another language from now on. */
export const speak = async (code: Language): Promise<void> =>
  speakWith({ code, words: code === 'de' ? (await import('./words-de.ts')).GERMAN : english });

/** A text in the language of now. */
export const say = (word: Word, values: Readonly<Record<string, string | number>> = {}): string =>
  (spoken.value.words[word] ?? '').replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
