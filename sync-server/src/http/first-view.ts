import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FullState } from '@baton/schema/feed';
import type { Log } from '@baton/schema/ports';

/** A page as it looks before it has heard anything. */
export interface DrawnView {
  readonly language: string;
  /** Text, not escaped. */
  readonly title: string;
  /** HTML, with every text of others escaped. */
  readonly html: string;
}

export interface AskedView {
  readonly full: FullState;
  /** Of the reader, best first; `*` is any. */
  readonly languages: readonly string[];
  /** Where they look: `?race=…`, or empty. */
  readonly search: string;
  /** In ms since the Unix epoch. */
  readonly now: number;
}

/**
 * Draws what an event's page shows first, with the page's own code. Null: this page begins with something else. With the same `key`
 * and the same `full`, the same is drawn.
 */
export type FirstView = (asked: AskedView) => { readonly key: string; readonly draw: () => DrawnView } | null;

/** Made by the pages' build, beside its files. */
const FILE = 'first-view.mjs';

const isFirstView = (it: unknown): it is FirstView => typeof it === 'function';

/** Null where the build has none, or one that cannot be loaded: pages then draw everything themselves. */
export const loadFirstView = async (directory: string, journal: Pick<Log, 'error'>): Promise<FirstView | null> => {
  const file = join(directory, FILE);
  if (!existsSync(file)) return null;
  try {
    const { firstView } = (await import(pathToFileURL(file).href)) as { readonly firstView?: unknown };
    if (isFirstView(firstView)) return firstView;
    journal.error('pages are sent without their first view: build them again', { file, cause: 'it exports none' });
  } catch (error) {
    journal.error('pages are sent without their first view: build them again', { file, cause: String(error) });
  }
  return null;
};
