import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FullState } from '@baton/schema/feed';
import type { Clock, Log } from '@baton/schema/ports';
import type { AskedView, DrawnView, FirstView } from './first-view.ts';
import { withFirst } from './page-text.ts';

const pack = promisify(gzip);

/** A page ready to be sent, as text and packed. */
export interface ReadyPage {
  readonly text: string;
  /** Packed once, for the first who takes it so. */
  readonly packed: () => Promise<Buffer>;
  /** It was drawn, in a language that was chosen. */
  readonly isDrawn: boolean;
}

export const readyPage = (text: string, isDrawn = false): ReadyPage => {
  let packed: Promise<Buffer> | null = null;
  return {
    text,
    isDrawn,
    packed: () => {
      packed ??= pack(text);
      return packed;
    },
  };
};

/** Events' pages with their first rows, each made once as long as nothing changes. */
export interface DrawnPages {
  /** @param page the page's text; @param isEvent it is the one that the first view draws */
  readonly of: (page: string, isEvent: boolean, asked: Omit<AskedView, 'now'>) => Promise<ReadyPage>;
}

export interface DrawnPagesDeps {
  readonly firstView: Promise<FirstView | null>;
  /** Where the words of a language are; null: in the page's own scripts. */
  readonly wordsOf: (language: string) => string | null;
  readonly clock: Clock;
  readonly journal: Pick<Log, 'error'>;
}

/** Characters of all pages that are kept; those asked for longest ago go first. */
const MAX_CHARACTERS = 4_000_000;

/** Rows of more than so many characters of JSON (20 have 10,000, with 30 splits each 60,000) are drawn by the page: no turn gets long. */
const MAX_DRAWN = 128_000;

/** What a page is made of, in a few bytes. */
const fingerprint = (parts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('base64');
};

export const createDrawnPages = ({ firstView, wordsOf, clock, journal }: DrawnPagesDeps): DrawnPages => {
  const kept = new Map<string, ReadyPage>();
  let characters = 0;

  const forget = (key: string, page: ReadyPage): void => {
    kept.delete(key);
    characters -= page.text.length;
  };

  const keep = (key: string, page: ReadyPage): ReadyPage => {
    kept.set(key, page);
    characters += page.text.length;
    for (const [oldest, it] of kept) if (characters > MAX_CHARACTERS) forget(oldest, it);
    return page;
  };

  const drawn = (view: ReturnType<FirstView>, full: FullState): DrawnView | null => {
    try {
      return view?.draw() ?? null;
    } catch (error) {
      // the page draws itself: somebody who looks for results gets them
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
      journal.error('the first view of a page could not be drawn', { eventId: full.event.eventId, cause });
      return null;
    }
  };

  return {
    of: async (page, isEvent, asked) => {
      const json = JSON.stringify(asked.full);
      const draws = isEvent && json.length <= MAX_DRAWN ? await firstView : null;
      const view = draws?.({ ...asked, now: clock.now() }) ?? null;
      const key = fingerprint([page, json, view?.key ?? '']);
      const known = kept.get(key);
      if (known !== undefined) {
        forget(key, known);
        return keep(key, known);
      }
      const found = drawn(view, asked.full);
      const words = found === null ? null : wordsOf(found.language);
      return keep(key, readyPage(withFirst(page, json, found, words), found !== null));
    },
  };
};
