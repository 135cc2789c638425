import type { DocLink, Keeping } from '@baton/client-core';
import { expect, it } from 'vitest';
import { joinLinks } from '../../src/operator/joined-link.ts';

const kept: Keeping = { type: 'kept', damaged: 0 };
const saved: DocLink = { type: 'synced', unsaved: false, keeping: kept };
const offline: DocLink = { type: 'offline', reason: 'gone', unsaved: true, keeping: kept };

it('[P28] several documents are as safe as the one that stands worst, in any order', () => {
  const full: DocLink = { ...saved, keeping: { type: 'not-kept', fault: { type: 'quota', message: 'full' } } };
  const refused: DocLink = { type: 'refused', reason: 'no', unsaved: false, keeping: { type: 'writing' } };
  for (const [a, b, joined] of [
    [saved, saved, saved],
    [saved, offline, offline],
    [offline, full, { ...offline, keeping: full.keeping }],
    [refused, offline, { ...refused, unsaved: true }],
    [{ ...saved, keeping: { type: 'kept', damaged: 2 } }, saved, { ...saved, keeping: { type: 'kept', damaged: 2 } }],
  ] as const) {
    expect(joinLinks([a, b])).toEqual(joined);
    expect(joinLinks([b, a])).toEqual(joined);
  }
});
