import { parseDocName } from '@baton/schema/doc';
import { EventId, NodeId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import type { Grant } from '../../src/auth/grant.ts';
import {
  type Action,
  type Actor,
  decide,
  decideDoc,
  mayEver,
  POLICY,
  type Rule,
  refusalOf,
  type Subject,
} from '../../src/auth/policy.ts';
import type { EventStatus } from '../../src/storage/records.ts';

const ACTORS: readonly Actor[] = ['admin', 'operator', 'receiver', 'forwarder', 'viewer', 'anyone'];
const ACTIONS = Object.keys(POLICY) as Action[];

const own = EventId.parse('own');
const foreign = EventId.parse('foreign');
const node = NodeId.parse('node-1');

const grantOf = (actor: Actor): Grant | null => {
  if (actor === 'anyone') return null;
  const isNode = actor === 'receiver' || actor === 'forwarder';
  return {
    role: actor,
    tokenId: null,
    eventId: actor === 'admin' ? null : own,
    nodeId: isNode ? node : null,
    label: null,
    expiresAt: null,
  };
};

const event = (eventId: EventId, status: EventStatus): Subject['event'] => ({ eventId, status });

/**
 * Written by hand, apart from the code: who may do what.
 * A in every event, E in the own one, N there for the own node, P there and where published, - never.
 */
const EXPECTED = `
                  admin operator receiver forwarder viewer anyone
  event.create    A     -        -        -         -      -
  event.delete    A     -        -        -         -      -
  event.read      A     P        P        P         P      P
  event.archive   A     -        -        -         -      -
  event.edit      A     E        -        -         -      -
  token.manage    A     E        -        -         -      -
  race.edit       A     E        -        -         -      -
  setup.read      A     E        E        E         E      -
  setup.write     A     E        -        -         -      -
  roster.read     A     E        E        -         -      -
  roster.write    A     E        -        -         -      -
  ingest.write    A     E        -        -         -      -
  official.review A     E        -        -         -      -
  selection.read  A     E        N        -         -      -
  selection.write A     E        N        -         -      -
  stream.read     A     E        E        E         E      -
  stream.edit     A     E        -        -         -      -
  node.attach     A     E        N        N         -      -
  node.read       A     E        E        E         E      -
  node.revoke     A     E        -        -         -      -
  reads.read      A     E        E        N         E      -
  reads.push      -     -        -        N         -      -
  self.read       A     A        A        A         A      -
  relay.backup    A     -        -        -         -      -
  relay.ping      A     A        A        A         A      A
  relay.read      A     -        -        -         -      -
  relay.metrics   A     -        -        -         -      -
`;

const LETTERS: Readonly<Record<string, Rule>> = { A: 'always', E: 'event', N: 'node', P: 'published', '-': 'never' };

const expectedTable = (): Record<string, Record<string, Rule | undefined>> => {
  const [head, ...rows] = EXPECTED.trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return Object.fromEntries(
    rows.map(([action, ...cells]) => [
      action,
      Object.fromEntries(cells.map((cell, index) => [head?.[index], LETTERS[cell]])),
    ]),
  );
};

describe('policy', () => {
  it('[P15] is the table that was agreed on, and decides every action for every role', () => {
    expect(POLICY).toEqual(expectedTable());
    for (const action of ACTIONS) expect(Object.keys(POLICY[action]).sort()).toEqual([...ACTORS].sort());
  });

  it('[P14] nobody without a token learns anything of an event that is not published', () => {
    for (const action of ACTIONS) {
      const unknown = decide(null, action, { event: undefined });
      expect(decide(null, action, { event: event(foreign, 'draft') }), action).toBe(
        POLICY[action].anyone === 'always' ? 'hidden' : unknown,
      );
      expect(['hidden', 'unauthorized']).toContain(unknown);
    }
  });

  it('[P14] a token of another event sees a draft as if it were not there', () => {
    for (const actor of ACTORS.filter((it) => it !== 'admin' && it !== 'anyone')) {
      for (const action of ACTIONS) {
        const draft = decide(grantOf(actor), action, { event: event(foreign, 'draft') });
        expect(draft, `${actor} ${action}`).toBe(decide(grantOf(actor), action, { event: undefined }));
      }
    }
  });

  it('[P15] a token of another event may only do what anyone may', () => {
    for (const actor of ACTORS.filter((it) => it !== 'admin' && it !== 'anyone')) {
      for (const action of ACTIONS.filter((it) => !['self.read', 'relay.ping'].includes(it))) {
        const there = decide(grantOf(actor), action, { event: event(foreign, 'running'), nodeId: node });
        const anyone = decide(null, action, { event: event(foreign, 'running'), nodeId: node });
        expect(there === 'allowed', `${actor} ${action}`).toBe(anyone === 'allowed');
      }
    }
  });

  it('a node is only ever its own', () => {
    const other = NodeId.parse('node-2');
    for (const action of ['selection.read', 'selection.write'] as const) {
      expect(decide(grantOf('receiver'), action, { event: event(own, 'draft'), nodeId: node })).toBe('allowed');
      expect(decide(grantOf('receiver'), action, { event: event(own, 'draft'), nodeId: other })).toBe('forbidden');
      expect(decide(grantOf('receiver'), action, { event: event(own, 'draft') })).toBe('forbidden');
    }
    expect(decide(grantOf('forwarder'), 'reads.push', { event: event(own, 'running'), nodeId: node })).toBe('allowed');
    expect(decide(grantOf('forwarder'), 'reads.push', { event: event(own, 'running'), nodeId: other })).toBe(
      'forbidden',
    );
  });

  it('the admin sees what is not there as not there', () => {
    expect(decide(grantOf('admin'), 'event.edit', { event: undefined })).toBe('hidden');
  });

  it('mayEver never refuses what decide would allow', () => {
    const subjects: readonly Subject[] = [
      { event: event(own, 'draft'), nodeId: node },
      { event: event(foreign, 'running') },
      { event: null },
    ];
    for (const actor of ACTORS) {
      for (const action of ACTIONS) {
        const allowed = subjects.some((subject) => decide(grantOf(actor), action, subject) === 'allowed');
        if (allowed) expect(mayEver(grantOf(actor), action), `${actor} ${action}`).toBe('allowed');
      }
    }
  });

  it('tells a hidden thing exactly as an unknown one', () => {
    expect(refusalOf('hidden')).toMatchObject({ code: 'NOT_FOUND' });
    expect(refusalOf('forbidden')).toMatchObject({ code: 'FORBIDDEN' });
    expect(refusalOf('unauthorized')).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(refusalOf('allowed')).toBeNull();
  });
});

describe('documents', () => {
  const DOCS = [
    ['setup', 'events/own/setup'],
    ['roster', 'events/own/roster'],
    ['its own selection', 'events/own/receivers/node-1'],
    ['the selection of another', 'events/own/receivers/node-2'],
  ] as const;

  /** w: may write and read, r: may read, -: neither. */
  it.each([
    ['admin', 'w w w w'],
    ['operator', 'w w w w'],
    ['receiver', 'r r w -'],
    ['forwarder', 'r - - -'],
    ['viewer', 'r - - -'],
  ] as const)('[P15] %s: %s', (actor, expected) => {
    const letters = DOCS.map(([, name]) => {
      const parsed = parseDocName(name);
      const grant = grantOf(actor);
      if (parsed === null || grant === null) throw new Error('a document name of this test is wrong');
      const { read, write } = decideDoc(grant, parsed, event(own, 'running'));
      return write === 'allowed' ? 'w' : read === 'allowed' ? 'r' : '-';
    });
    expect(letters.join(' ')).toBe(expected);
  });

  it('[P14] no role of one event may read a document of another', () => {
    for (const actor of ACTORS.filter((it) => it !== 'admin' && it !== 'anyone')) {
      for (const kind of ['setup', 'roster', 'receivers/node-1']) {
        const parsed = parseDocName(`events/foreign/${kind}`);
        const grant = grantOf(actor);
        if (parsed === null || grant === null) throw new Error('a document name of this test is wrong');
        expect(decideDoc(grant, parsed, event(foreign, 'running')).read).toBe('forbidden');
        expect(decideDoc(grant, parsed, event(foreign, 'draft')).read).toBe('hidden');
      }
    }
  });
});
