import { describe, expect, it } from 'vitest';
import { beginLink, type LinkInput, linkOf, stepLink } from '../../src/platform/link-state.ts';

const lightAfter = (...inputs: readonly LinkInput[]) => linkOf(inputs.reduce(stepLink, beginLink()));
const joined: readonly LinkInput[] = [
  { type: 'opened' },
  { type: 'sent' },
  { type: 'loaded' },
  { type: 'saved', messages: 1 },
];
const edit: readonly LinkInput[] = [{ type: 'sent' }, { type: 'edited' }];

describe('the saved light', () => {
  it('is on only once the relay has every edit on disk', () => {
    expect(lightAfter()).toEqual({ type: 'connecting' });
    expect(lightAfter({ type: 'opened' })).toEqual({ type: 'connecting' });
    expect(lightAfter(...joined)).toEqual({ type: 'saved' });
    expect(lightAfter(...joined, ...edit)).toEqual({ type: 'saving' });
    expect(lightAfter(...joined, ...edit, { type: 'saved', messages: 1 })).toEqual({ type: 'saving' });
    expect(lightAfter(...joined, ...edit, ...edit, { type: 'saved', messages: 2 })).toEqual({ type: 'saving' });
    expect(lightAfter(...joined, ...edit, ...edit, { type: 'saved', messages: 3 })).toEqual({ type: 'saved' });
  });

  it('[P11] stays off for an edit that a lost connection took with it, until the next one confirms it', () => {
    const lost: readonly LinkInput[] = [...joined, ...edit, { type: 'lost' }];
    expect(lightAfter(...lost)).toEqual({ type: 'offline', unsaved: true });
    expect(lightAfter(...lost, { type: 'opened' }, { type: 'loaded' })).toEqual({ type: 'saving' });
    expect(lightAfter(...lost, ...joined)).toEqual({ type: 'saved' });
  });

  it('says offline without alarm when nothing waits', () => {
    expect(lightAfter(...joined, { type: 'lost' })).toEqual({ type: 'offline', unsaved: false });
    expect(lightAfter(...joined, { type: 'lost' }, { type: 'edited' })).toEqual({ type: 'offline', unsaved: true });
  });

  it('is not fooled by what an earlier connection had confirmed', () => {
    const twice = lightAfter(
      ...joined,
      ...edit,
      { type: 'lost' },
      { type: 'opened' },
      { type: 'sent' },
      { type: 'loaded' },
    );
    expect(twice).toEqual({ type: 'saving' });
  });

  it('keeps the reason of a refusal', () => {
    const refused: LinkInput = { type: 'refused', reason: 'revoked' };
    expect(lightAfter(...joined, refused, { type: 'lost' })).toEqual({ type: 'refused', reason: 'revoked' });
  });
});
