import { describe, expect, it } from 'vitest';
import {
  beginDocLink,
  type DocLink,
  type DocLinkInput,
  type DocLinkState,
  docLinkOf,
  stepDocLink,
} from '../../src/doc/doc-link.ts';
import type { CopyState, DeviceFault } from '../../src/doc/local-copy.ts';

const kept = (edits: number): CopyState => ({ type: 'kept', edits, damaged: 0 });
const quota: DeviceFault = { type: 'quota', message: 'full' };

const run = (inputs: readonly DocLinkInput[], from: DocLinkState = beginDocLink()): DocLinkState =>
  inputs.reduce(stepDocLink, from);

const dialing: DocLinkInput = { type: 'dialing' };
const opened: DocLinkInput = { type: 'opened' };
const loaded: DocLinkInput = { type: 'loaded' };
const sent: DocLinkInput = { type: 'sent' };
const answered: DocLinkInput = { type: 'answered' };
const edited: DocLinkInput = { type: 'edited' };
const lost: DocLinkInput = { type: 'lost', reason: 'gone' };
const refused: DocLinkInput = { type: 'refused', reason: 'no' };
const denied: DocLinkInput = { type: 'denied', reason: 'read only' };
const saved = (messages: number): DocLinkInput => ({ type: 'saved', messages });

/** One state of each kind, with one edit that nobody has confirmed. */
const KINDS: Readonly<Record<DocLinkState['phase'], DocLinkState>> = {
  connecting: run([edited, dialing]),
  syncing: run([edited, dialing, opened]),
  synced: run([edited, dialing, opened, sent, answered, loaded]),
  offline: run([edited, dialing, opened, lost]),
  refused: run([edited, dialing, refused]),
};

type Shown = DocLink['type'];

/** What each event makes of each kind, as a person sees it: total over kind × event. */
const TABLE: Readonly<Record<DocLinkInput['type'], Readonly<Record<DocLinkState['phase'], Shown>>>> = {
  dialing: {
    connecting: 'connecting',
    syncing: 'connecting',
    synced: 'connecting',
    offline: 'connecting',
    refused: 'connecting',
  },
  opened: { connecting: 'syncing', syncing: 'syncing', synced: 'syncing', offline: 'syncing', refused: 'syncing' },
  loaded: { connecting: 'syncing', syncing: 'syncing', synced: 'syncing', offline: 'syncing', refused: 'syncing' },
  sent: { connecting: 'connecting', syncing: 'syncing', synced: 'syncing', offline: 'offline', refused: 'refused' },
  answered: { connecting: 'connecting', syncing: 'syncing', synced: 'syncing', offline: 'offline', refused: 'refused' },
  saved: { connecting: 'connecting', syncing: 'syncing', synced: 'synced', offline: 'offline', refused: 'refused' },
  denied: { connecting: 'connecting', syncing: 'syncing', synced: 'refused', offline: 'offline', refused: 'refused' },
  edited: { connecting: 'connecting', syncing: 'syncing', synced: 'syncing', offline: 'offline', refused: 'refused' },
  copy: { connecting: 'connecting', syncing: 'syncing', synced: 'syncing', offline: 'offline', refused: 'refused' },
  lost: { connecting: 'offline', syncing: 'offline', synced: 'offline', offline: 'offline', refused: 'offline' },
  refused: { connecting: 'refused', syncing: 'refused', synced: 'refused', offline: 'refused', refused: 'refused' },
};

const INPUTS: Readonly<Record<DocLinkInput['type'], DocLinkInput>> = {
  dialing,
  opened,
  loaded,
  sent,
  answered,
  edited,
  lost,
  refused,
  denied,
  saved: saved(1),
  copy: { type: 'copy', copy: kept(1) },
};

describe('the standing of a document', () => {
  it.each(
    Object.entries(TABLE).flatMap(([input, row]) =>
      Object.entries(row).map(([kind, shown]) => ({ kind, input, shown }) as const),
    ),
  )('[P28] is $shown after $input while $kind; no edit is forgotten', ({ kind, input, shown }) => {
    const before = KINDS[kind as DocLinkState['phase']];
    const after = stepDocLink(before, INPUTS[input as DocLinkInput['type']]);
    expect(docLinkOf(after).type).toBe(shown);
    const confirmed = kind === 'synced' && input === 'saved';
    expect(docLinkOf(after).unsaved).toBe(!confirmed);
  });

  it('[P11] confirms an edit by the frames that were sent up to it, not by earlier ones', () => {
    const state = run([dialing, opened, sent, answered, loaded, sent, edited, sent, edited]);
    expect([1, 2, 3].map((messages) => stepDocLink(state, saved(messages)).confirmed)).toEqual([0, 1, 2]);
    expect(docLinkOf(stepDocLink(state, saved(2))).unsaved).toBe(true);
    expect(docLinkOf(stepDocLink(state, saved(3))).type).toBe('synced');
  });

  it('[P11] confirms nothing before the relay has been answered, whatever was sent', () => {
    const state = run([edited, dialing, opened, sent, edited, saved(1), loaded]);
    expect(state.confirmed).toBe(0);
    expect(run([sent, answered, saved(1)], state).confirmed).toBe(0);
    expect(run([sent, answered, saved(2)], state).confirmed).toBe(2);
  });

  it('[P11] takes an edit whose frame did not go out for unsent until the next connection', () => {
    const state = run([dialing, opened, sent, answered, loaded, saved(1), edited]);
    expect(docLinkOf(state)).toMatchObject({ type: 'syncing', unsaved: true });
    expect(run([sent, edited, saved(2)], state).confirmed).toBe(0);
    expect(run([lost, dialing, opened, sent, answered, loaded, saved(1)], state).confirmed).toBe(1);
  });

  it('[P11] takes no word of an earlier connection for what was sent on a later one', () => {
    const state = run([dialing, opened, sent, answered, loaded, sent, edited, lost, dialing, opened]);
    expect(run([sent, saved(9)], state).confirmed).toBe(0);
    expect(run([sent, answered, saved(1)], state).confirmed).toBe(1);
  });

  it('[P11] confirms nothing while the relay drops what this page sends', () => {
    const state = run([dialing, opened, loaded, answered, denied, sent, edited, saved(1)]);
    expect(docLinkOf(state)).toMatchObject({ type: 'refused', reason: 'read only', unsaved: true });
    expect(run([lost, dialing, opened, sent, answered, loaded, saved(1)], state).confirmed).toBe(1);
  });

  it('holds a bounded number of marks, and confirms late rather than early', () => {
    const many = Array.from({ length: 1000 }, () => [sent, edited]).flat();
    const state = run([dialing, opened, sent, answered, loaded, ...many]);
    expect(state.marks.length).toBeLessThanOrEqual(256);
    expect(stepDocLink(state, saved(101)).confirmed).toBe(100);
    expect(stepDocLink(state, saved(1000)).confirmed).toBeLessThan(1000);
    expect(stepDocLink(state, saved(1001)).confirmed).toBe(1000);
  });

  it('[P12] is kept once every edit is on this device or at the relay', () => {
    const keeping = (copy: CopyState, ...more: DocLinkInput[]) =>
      docLinkOf(run([{ type: 'copy', copy }, edited, edited, ...more])).keeping;
    expect(keeping({ type: 'opening' })).toEqual({ type: 'opening' });
    expect(keeping(kept(1))).toEqual({ type: 'writing' });
    expect(keeping(kept(2))).toEqual({ type: 'kept', damaged: 0 });
    expect(keeping(kept(0), opened, loaded, sent, answered, saved(1))).toEqual({ type: 'kept', damaged: 0 });
    expect(keeping({ type: 'not-kept', fault: quota })).toEqual({ type: 'not-kept', fault: quota });
  });
});
