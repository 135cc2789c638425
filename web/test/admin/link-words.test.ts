import type { LinkedEvent } from '@baton/schema/http';
import { EventId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import {
  failureText,
  failureTitle,
  failureTone,
  hasNoEvent,
  lackingText,
  linkMark,
  stateMark,
} from '../../src/admin/link-words.ts';

const NOTHING = { venue: 0, upstream: 0 };

const event = (change: Partial<LinkedEvent> = {}): LinkedEvent => ({
  eventId: EventId.parse('e1'),
  state: 'connected',
  since: 0,
  cause: null,
  missingReads: NOTHING,
  unsavedDocuments: NOTHING,
  conflicts: 0,
  ...change,
});

const mark = (...states: readonly string[]) =>
  linkMark({ failure: null, events: states.map((state) => event({ state })) }, true).text;

describe('how a link does', () => {
  it('is what the worst of its events says, besides those that are linked no more', () => {
    expect(mark('connected', 'connected')).toBe('Connected');
    expect(mark('connected', 'away')).toBe('Away');
    expect(mark('away', 'refused', 'connected')).toBe('Refused');
    expect(mark('connected', 'ended')).toBe('Connected');
    expect(mark('ended')).toBe('No event yet');
    expect(mark()).toBe('No event yet');
  });

  it('is that the relays differ before all else, and nothing by an old answer', () => {
    const differing = { failure: null, events: [event(), event({ state: 'away', conflicts: 1 })] };
    expect(linkMark(differing, true)).toEqual({ tone: 'bad', text: 'Relays differ' });
    expect(linkMark(differing, false)).toEqual({ tone: 'warn', text: 'Not known' });
  });

  it('is why there are no events, where it is known', () => {
    const [away, refused, later] = ['away', 'refused', 'dreaming'].map((kind) => ({ kind, cause: 'a cause' }));
    const told = [away, refused, later].map((failure) => linkMark({ events: [], failure: failure ?? null }, true).text);
    expect(told).toEqual(['Not reached', 'Refused', 'No event yet']);
    expect(failureTitle({ kind: 'away', cause: '' })).toBe('It was not reached yet');
    expect(failureTitle({ kind: 'refused', cause: '' })).toBe('It refuses this relay');
    expect(failureTitle({ kind: 'unusable', cause: '' })).toBe('It gives no events');
    expect(failureText({ kind: 'refused', cause: 'no such token' })).toMatch(/^no such token\. Start this relay again/);
    expect(failureText({ kind: 'unusable', cause: 'no such token' })).toBe('no such token');
    const tones = ['away', 'refused', 'unusable'].map((kind) => failureTone({ kind, cause: '' }));
    expect(tones).toEqual(['warn', 'bad', 'warn']);
  });

  it('is that there is no event only once the other relay was heard and had none', () => {
    const none = { events: [], failure: null, heardAt: 1 };
    expect(hasNoEvent(none)).toBe(true);
    expect(hasNoEvent({ ...none, heardAt: null })).toBe(false);
    expect(hasNoEvent({ ...none, failure: { kind: 'refused', cause: '' } })).toBe(false);
    expect(hasNoEvent({ ...none, events: [event()] })).toBe(false);
  });

  it('[P26] shows a state of a later relay as it is', () => {
    expect(stateMark('dreaming')).toEqual({ tone: 'neutral', text: 'dreaming' });
    expect(mark('connected', 'dreaming')).toBe('dreaming');
  });
});

describe('what a relay lacks', () => {
  it('is said in reads and documents', () => {
    expect(lackingText(event(), 'upstream')).toBe('nothing');
    const behind = event({
      missingReads: { venue: 1, upstream: 1200 },
      unsavedDocuments: { venue: 2, upstream: null },
    });
    expect(lackingText(behind, 'venue')).toBe('1 read, 2 documents');
    expect(lackingText(behind, 'upstream')).toBe('1,200 reads');
    expect(lackingText(event({ unsavedDocuments: { venue: 0, upstream: 1 } }), 'upstream')).toBe('1 document');
  });

  it('is nothing else where streams differ: they are not counted', () => {
    expect(lackingText(event({ conflicts: 1 }), 'venue')).toBe('nothing else');
    expect(lackingText(event({ conflicts: 1, missingReads: { venue: 3, upstream: 0 } }), 'venue')).toBe('3 reads');
  });

  it('is not known before both were asked', () => {
    const unknown = { venue: null, upstream: null };
    expect(lackingText(event({ missingReads: unknown, unsavedDocuments: unknown }), 'venue')).toBe('not known');
  });
});
