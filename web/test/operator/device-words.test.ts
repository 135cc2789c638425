import type { DeviceFault, DocLink, Keeping } from '@baton/client-core';
import { describe, expect, it } from 'vitest';
import { deviceWords, FAULT_WORDS, linkWords } from '../../src/operator/device-words.ts';

const kept: Keeping = { type: 'kept', damaged: 0 };
const fault: DeviceFault = { type: 'quota', message: 'full' };
const KEEPINGS: readonly Keeping[] = [
  { type: 'none' },
  { type: 'opening' },
  { type: 'writing' },
  kept,
  { type: 'not-kept', fault },
];

const words = (link: DocLink): string => {
  const { word, where } = linkWords(link);
  return where === undefined ? word : `${word} ${where}`;
};

describe('the light', () => {
  it.each([
    [{ type: 'connecting' }, 'Connecting…'],
    [{ type: 'offline', reason: 'gone' }, 'Offline'],
    [{ type: 'syncing' }, 'Syncing…'],
    [{ type: 'synced' }, 'Saved on the relay'],
    [{ type: 'refused', reason: 'no' }, 'Not connected'],
  ] as const)('[P11] says of %o with nothing unsaved: %s', (link, said) => {
    for (const keeping of KEEPINGS) expect(words({ ...link, unsaved: false, keeping })).toBe(said);
  });

  it('[P12] [P28] calls edits saved on this device only when they are on its disk', () => {
    for (const type of ['connecting', 'offline'] as const) {
      for (const keeping of KEEPINGS) {
        const link: DocLink = { type, reason: 'gone', unsaved: true, keeping };
        expect(words(link)).toBe(keeping === kept ? 'Saved on this device' : 'Unsaved – keep this page open');
      }
    }
  });

  it('[P28] tells that edits stay on the device when the relay refuses them', () => {
    const link: DocLink = { type: 'refused', reason: 'The token was revoked.', unsaved: true, keeping: kept };
    expect(linkWords(link).title).toBe('The token was revoked. Your edits stay on this device.');
  });

  it('[P28] says what helps against every fault', () => {
    for (const said of Object.values(FAULT_WORDS)) expect(said).toMatch(/\. /);
  });
});

it('tells what this device keeps and whether the browser may clear it', () => {
  const standing = { persistence: 'may-be-cleared', usedBytes: 1_234_567, quotaBytes: 10_700_000_000 } as const;
  expect(deviceWords(kept, standing)).toBe(
    'This device: keeps this event; the browser may clear it when space is short · 1.2 MB of 10.7 GB used',
  );
  expect(deviceWords({ type: 'not-kept', fault }, null)).toBe('This device: nothing of this event is kept');
});
