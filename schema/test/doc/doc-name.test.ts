import { describe, expect, it } from 'vitest';
import { parseDocName, receiverDocName, rosterDocName, setupDocName } from '../../src/doc/index.ts';
import { EventId, NodeId } from '../../src/ids.ts';

const eventId = EventId.parse('spring-2026');
const nodeId = NodeId.parse('finish.laptop');

describe('document names', () => {
  it('are parsed as what they were made of', () => {
    expect(parseDocName(setupDocName(eventId))).toEqual({ type: 'setup', eventId });
    expect(parseDocName(rosterDocName(eventId))).toEqual({ type: 'roster', eventId });
    expect(parseDocName(receiverDocName(eventId, nodeId))).toEqual({ type: 'receiver', eventId, nodeId });
  });

  it.each([
    '',
    'events',
    'events/',
    'events/x',
    'events//setup',
    'events/x/',
    'events/x/setup/',
    'events/x/setup/y',
    'events/x/reads',
    'events/x/receivers',
    'events/x/receivers/',
    'events/x/receivers/y/',
    'events/x/receivers/y/z',
    'events/x/receivers/y/z/a/b/c',
    'events/../setup',
    'events/x/receivers/..',
    'events/a b/setup',
    'events/x/setup\n',
    'Events/x/setup',
    '/events/x/setup',
    'events/%2e%2e/setup',
    `events/${'x'.repeat(129)}/setup`,
    '__proto__/x/setup',
  ])('refuse %j', (name) => {
    expect(parseDocName(name)).toBeNull();
  });
});
