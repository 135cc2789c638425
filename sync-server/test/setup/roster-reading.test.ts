import {
  ParticipantId,
  putParticipant,
  putParticipants,
  type Roster,
  readRoster,
  rosterDocName,
} from '@baton/schema/doc';
import { describe, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { createRosterReading } from '../../src/setup/roster-reading.ts';
import { settle } from '../docs/doc-client.ts';
import { createRooms, EVENT } from '../docs/rooms-fixture.ts';

const NAME = rosterDocName(EVENT);
const idOf = (n: number) => ParticipantId.parse(`#${n}`);
const person = (n: number) => ({ participantId: idOf(n), bib: String(n) });

const plain = ({ participants, chips, corrections }: Roster) => ({
  participants: new Map(participants),
  chips: new Map(chips),
  corrections: new Map(corrections),
});

/** A roster of so many; each rest of its reading runs what is asked for then. */
const open = async (people: number) => {
  const { docs, time } = await createRooms({ rooms: { idleMs: 10 } });
  const edit = async (change: (doc: Y.Doc) => void): Promise<void> => {
    const held = await docs.hold(NAME);
    await held.edit(change);
    held.release();
  };
  await edit((doc) =>
    putParticipants(
      doc,
      Array.from({ length: people }, (_, n) => person(n)),
    ),
  );
  let rests = 0;
  const meanwhile: (() => Promise<void>)[] = [];
  const rest = async (): Promise<void> => {
    rests++;
    await meanwhile.shift()?.();
  };
  const read = createRosterReading(docs, { isOver: () => true, rest });
  const restsOf = async (run: () => Promise<unknown>): Promise<number> => {
    const before = rests;
    await run();
    return rests - before;
  };
  return { docs, time, edit, read: () => read(EVENT), restsOf, meanwhile };
};

describe('reading a roster', () => {
  it('[P16] may rest after some entries; after an edit it reads only what changed', async () => {
    const { edit, read, restsOf } = await open(5000);
    expect(await restsOf(read)).toBeGreaterThanOrEqual(250);
    expect(await restsOf(read)).toBe(0);
    await edit((doc) => putParticipant(doc, { ...person(7), club: 'AC' }));
    expect(await restsOf(read)).toBeLessThan(4);
    expect((await read()).participants.get(idOf(7))?.club).toBe('AC');
  });

  it('gives the same object until something changes, and one that never changes', async () => {
    const { edit, read } = await open(3);
    const before = await read();
    expect(await read()).toBe(before);
    await edit((doc) => putParticipant(doc, { ...person(1), club: 'AC' }));
    const after = await read();
    expect(after.participants.get(idOf(1))?.club).toBe('AC');
    expect(before.participants.get(idOf(1))?.club).toBeNull();
  });

  it('holds what was changed before it was asked for, also while another reads', async () => {
    const { docs, edit, read, meanwhile } = await open(3000);
    let late: ReturnType<typeof read> | null = null;
    meanwhile.push(async () => {
      await edit((doc) => putParticipant(doc, { ...person(0), club: 'late' }));
      late = read();
    });
    await read();
    expect((await (late ?? read())).participants.get(idOf(0))?.club).toBe('late');
    const held = await docs.hold(NAME);
    expect(plain(await read())).toEqual(plain(readRoster(held.doc).roster));
    held.release();
  });

  it('goes on with a document that was freed and loaded again', async () => {
    const { docs, time, edit, read } = await open(10);
    await read();
    await time.advanceAsync(1000);
    await settle();
    expect(docs.size()).toBe(0);
    await edit((doc) => putParticipant(doc, { ...person(3), club: 'again' }));
    const { participants } = await read();
    expect([participants.size, participants.get(idOf(3))?.club]).toEqual([10, 'again']);
  });
});
