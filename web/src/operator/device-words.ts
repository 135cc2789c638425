import type { DeviceFault, DocLink, Keeping } from '@baton/client-core';
import type { StorageStanding } from '../platform/device-storage.ts';
import type { Tone } from '../ui/pill.tsx';

/** A state in words: `word` stands in the light, `title` explains it. */
export interface LightWords {
  readonly tone: Tone;
  readonly word: string;
  /** Shown after the word, less important. */
  readonly where?: string;
  readonly title: string;
}

/** Why this device does not keep one's work, and what helps. */
export const FAULT_WORDS: Readonly<Record<DeviceFault['type'], string>> = {
  refused: 'The browser gives this page no storage, as in a private window. Allow it, or use an ordinary window.',
  quota: 'The browser has no space left for this page. Free some on this device; the page keeps trying.',
  evicted: 'What this device kept was cleared. The page is storing it again.',
  blocked: 'Another tab has an older version of this page open. Close it.',
  superseded: 'A newer version of this page is open in another tab. Load this page again.',
  silent: 'The browser’s storage does not answer. Close other tabs of this page, or start the browser again.',
  'signed-out': 'Somebody signed out in another tab of this browser. Load this page again.',
  failed: 'The browser’s storage failed. The page keeps trying.',
};

/** Unsaved edits are safe against the end of this page. */
export const areKept = (keeping: Keeping): boolean => keeping.type === 'kept';

const waiting = ({ keeping }: DocLink): LightWords =>
  areKept(keeping)
    ? {
        tone: 'info',
        word: 'Saved on this device',
        title: 'No connection. Your edits are on this device’s disk and go to the relay as soon as it is back.',
      }
    : {
        tone: 'bad',
        word: 'Unsaved – keep this page open',
        title: 'No connection, and this device does not keep your edits: they wait in this page alone.',
      };

const refused = (link: DocLink & { readonly reason: string }): LightWords => ({
  tone: 'bad',
  word: 'Not connected',
  title: link.unsaved && areKept(link.keeping) ? `${link.reason} Your edits stay on this device.` : link.reason,
});

/** How far one's edits have got. */
export const linkWords = (link: DocLink): LightWords => {
  switch (link.type) {
    case 'connecting':
      return link.unsaved
        ? waiting(link)
        : { tone: 'info', word: 'Connecting…', title: 'The event is being loaded from the relay.' };
    case 'offline':
      return link.unsaved
        ? waiting(link)
        : { tone: 'warn', word: 'Offline', title: 'No connection to the relay. The page keeps trying.' };
    case 'syncing':
      return { tone: 'info', word: 'Syncing…', title: 'Edits are on their way to or from the relay.' };
    case 'synced':
      return { tone: 'ok', word: 'Saved', where: 'on the relay', title: 'The relay has every edit on disk.' };
    case 'refused':
      return refused(link);
  }
};

const space = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

const PERSISTENCE_WORDS: Readonly<Record<StorageStanding['persistence'], string>> = {
  persisted: 'the browser has promised not to clear it',
  'may-be-cleared': 'the browser may clear it when space is short',
  unknown: 'the browser does not say whether it may clear it',
};

const keepingWords = (keeping: Keeping, standing: StorageStanding | null): string => {
  switch (keeping.type) {
    case 'none':
    case 'not-kept':
      return 'nothing of this event is kept';
    case 'opening':
      return 'being opened';
    case 'writing':
    case 'kept':
      return `keeps this event${standing === null ? '' : `; ${PERSISTENCE_WORDS[standing.persistence]}`}`;
  }
};

/** One line about this device. */
export const deviceWords = (keeping: Keeping, standing: StorageStanding | null): string => {
  const used = standing?.usedBytes ?? null;
  const quota = standing?.quotaBytes ?? null;
  const share = used === null || quota === null ? '' : ` · ${space(used)} of ${space(quota)} used`;
  return `This device: ${keepingWords(keeping, standing)}${share}`;
};
