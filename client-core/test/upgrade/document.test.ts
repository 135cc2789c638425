import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { conversation, RECORDED_VERSIONS, saidBy } from '@baton/testkit/recorded';
import { describe, expect, it } from 'vitest';
import { createDocClient } from '../../src/doc/doc-client.ts';
import { createFakeRoom } from '../doc/fake-web-socket.ts';

describe('a document of an earlier relay', () => {
  it.each(RECORDED_VERSIONS)('[P10] [P26] of version %s is merged by a client of today, and followed', (version) => {
    const room = createFakeRoom();
    const time = createVirtualTime();
    const client = createDocClient(
      { timers: time.timers, random: { next: () => 0.5 }, log: silentLog, WebSocket: room.WebSocket },
      { relay: 'http://relay:8787', token: 'secret', name: 'events/spring-run/setup' },
    );
    room.latest().open();
    for (const frame of saidBy('relay', conversation(version, 'document'))) {
      if (typeof frame === 'string') throw new Error('documents are told in binary frames');
      room.latest().say(frame);
    }
    expect(client.link().type).toBe('synced');
    const races = Object.values(client.doc.getMap('races').toJSON()) as readonly { readonly name: string }[];
    expect(races.map((it) => it.name).sort()).toEqual(['10 km', '5 km']);
    client.close();
  });
});
