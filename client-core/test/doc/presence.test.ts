import { createVirtualTime } from '@baton/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { createPresence } from '../../src/doc/presence.ts';

const open: Awareness[] = [];
afterEach(() => {
  for (const awareness of open.splice(0)) awareness.destroy();
});

const page = () => {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState(null);
  open.push(awareness);
  const time = createVirtualTime();
  let updates = 0;
  awareness.on('update', () => updates++);
  return { awareness, time, presence: createPresence(awareness, time.timers), updates: () => updates };
};

type Page = ReturnType<typeof page>;

/** What the relay does: it says who somebody is. */
const tell = (from: Page, to: Page, state: object | null = from.awareness.getLocalState()): void => {
  const { awareness } = from;
  if (state !== null) awareness.states.set(awareness.clientID, state);
  applyAwarenessUpdate(to.awareness, encodeAwarenessUpdate(awareness, [awareness.clientID]), 'relay');
};

describe('presence', () => {
  it('tells nobody of a page that says nothing', () => {
    const { awareness, presence } = page();
    presence.renew();
    expect(awareness.getLocalState()).toBeNull();
  });

  it('shows others with what they look at and edit, not oneself, and that they have gone', () => {
    const [ada, ben] = [page(), page()];
    let changes = 0;
    const stop = ben.presence.onChange(() => changes++);
    ben.presence.say({ view: 'streams' });
    ada.presence.say({ view: 'races', editing: ['races', 'r', 'name'] });
    tell(ada, ben, { ...ada.awareness.getLocalState(), user: { name: 'Ada', role: 'operator' } });
    expect(ben.presence.others()).toEqual([
      {
        clientId: ada.awareness.clientID,
        user: { name: 'Ada', role: 'operator' },
        view: 'races',
        editing: ['races', 'r', 'name'],
      },
    ]);
    ada.presence.close();
    tell(ada, ben);
    expect(ben.presence.others()).toEqual([]);
    expect(changes).toBe(3);
    stop();
    ben.presence.say({ view: 'races' });
    expect(changes).toBe(3);
  });

  it('says the last thing, at most a few times a second', () => {
    const { presence, awareness, time, updates } = page();
    const before = updates();
    for (let at = 0; at < 50; at++) presence.say({ editing: ['rules', `${at}`] });
    expect(updates() - before).toBe(1);
    time.advance(300);
    expect(updates() - before).toBe(2);
    expect(awareness.getLocalState()).toEqual({ view: null, editing: ['rules', '49'] });
    time.advance(10_000);
    expect(updates() - before).toBe(2);
    presence.say({ editing: null });
    expect(updates() - before).toBe(3);
    presence.say({ view: 'races' });
    presence.close();
    time.advance(1000);
    expect(awareness.getLocalState()).toBeNull();
  });

  it('says it again under a new number, since a relay takes a known one for an echo', () => {
    const { presence, awareness } = page();
    presence.say({ view: 'races' });
    const before = awareness.meta.get(awareness.clientID)?.clock ?? 0;
    presence.renew();
    expect(awareness.meta.get(awareness.clientID)?.clock).toBe(before + 1);
    expect(awareness.getLocalState()).toMatchObject({ view: 'races' });
  });

  it('takes no part of a state that is not what it should be', () => {
    const [ada, ben] = [page(), page()];
    for (const state of [
      { user: 'Ada', view: 7, editing: 'everything' },
      { user: { name: '', role: 'x' }, view: 'x'.repeat(65), editing: Array.from({ length: 7 }, () => 'a') },
      { editing: [7] },
      {},
    ]) {
      ada.presence.say({});
      ada.presence.renew();
      tell(ada, ben, state);
      expect(ben.presence.others()).toEqual([
        { clientId: ada.awareness.clientID, user: null, view: null, editing: null },
      ]);
    }
    ada.presence.renew();
    tell(ada, ben, ['a list'] as object);
    expect(ben.presence.others()).toEqual([]);
  });
});
