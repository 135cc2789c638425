import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  createLiveRoster,
  type LiveRoster,
  ParticipantId,
  putChip,
  putParticipant,
  putParticipants,
  readRoster,
  removeChip,
  removeParticipant,
  rosterRoots,
  setCorrection,
} from '../../src/doc/index.ts';

const drain = (live: LiveRoster): ReadonlySet<ParticipantId> => {
  const work = live.update();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
};

const idOf = (n: number): ParticipantId => ParticipantId.parse(`#${n}`);
const sorted = <T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const expectSame = (live: LiveRoster, doc: Y.Doc): void => {
  const { roster, problems } = readRoster(doc);
  expect(sorted(live.roster.participants)).toEqual(sorted(roster.participants));
  expect(sorted(live.roster.chips)).toEqual(sorted(roster.chips));
  expect(sorted(live.roster.corrections)).toEqual(sorted(roster.corrections));
  expect(
    live
      .problems()
      .map((it) => `${it.root}/${it.key}`)
      .sort(),
  ).toEqual(problems.map((it) => `${it.root}/${it.key}`).sort());
  for (const [chip, id] of roster.chips) expect(live.chipsOf.get(id)).toContain(chip);
  expect([...live.chipsOf.values()].flat()).toHaveLength(roster.chips.size);
};

type Step = (doc: Y.Doc) => void;
const person = fc.integer({ min: 1, max: 4 });
const chip = fc.integer({ min: 1, max: 4 }).map((n) => `chip${n}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ n: person, bib: fc.constantFrom('1', '2', '3'), club: fc.constantFrom(null, 'A', 'B') }).map(
    ({ n, bib, club }): Step =>
      (doc) =>
        putParticipant(doc, { participantId: idOf(n), bib, club }),
  ),
  person.map(
    (n): Step =>
      (doc) =>
        removeParticipant(doc, idOf(n)),
  ),
  fc.tuple(chip, person).map(
    ([it, n]): Step =>
      (doc) =>
        putChip(doc, it, idOf(n)),
  ),
  chip.map(
    (it): Step =>
      (doc) =>
        removeChip(doc, it),
  ),
  fc.tuple(person, fc.boolean()).map(
    ([n, back]): Step =>
      (doc) =>
        setCorrection(
          doc,
          idOf(n),
          back ? null : { status: 'DNS', manualMs: null, reason: 'ill', author: 'Ada', at: 1 },
        ),
  ),
  // what another version or a careless program could write
  fc
    .tuple(
      fc.constantFrom('participants', 'participantFields', 'chips', 'corrections') as fc.Arbitrary<
        'participants' | 'participantFields' | 'chips' | 'corrections'
      >,
      fc.constantFrom('#1', 'club:#1', 'odd:#2', 'CHIP1', 'birthYear:#3'),
      fc.constantFrom<unknown>(7, 'x', null, {}),
    )
    .map(
      ([root, key, value]): Step =>
        (doc) => {
          rosterRoots(doc)[root].set(key, value);
        },
    ),
);

it('[RT-42] holds, after whatever edits and updates, what a fresh reading gives', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 40 }), (steps) => {
      const doc = new Y.Doc({ gc: false });
      const live = createLiveRoster(doc);
      for (const [change, look] of steps) {
        change(doc);
        if (look) drain(live);
      }
      drain(live);
      expect(live.isStale()).toBe(false);
      expectSame(live, doc);
    }),
  );
});

it('reads only what was touched, and says whom', () => {
  const doc = new Y.Doc({ gc: false });
  for (const n of [1, 2, 3]) putParticipant(doc, { participantId: idOf(n), bib: String(n) });
  putChip(doc, 'aa', idOf(1));
  const live = createLiveRoster(doc);
  expect([...drain(live)].sort()).toEqual(['#1', '#2', '#3']);
  expect([...drain(live)]).toEqual([]);
  putChip(doc, 'aa', idOf(2));
  expect([...drain(live)].sort()).toEqual(['#1', '#2']);
  putParticipant(doc, { participantId: idOf(3), bib: '3', club: 'AC' });
  expect([...drain(live)]).toEqual(['#3']);
});

it('pauses within a long reading; what changes meanwhile is read next', () => {
  const doc = new Y.Doc({ gc: false });
  for (let n = 0; n < 1200; n++) putParticipant(doc, { participantId: idOf(n), bib: String(n) });
  const live = createLiveRoster(doc);
  const stale: string[] = [];
  live.onStale(() => stale.push('stale'));
  const work = live.update();
  expect(work.next().done).toBe(false);
  putParticipant(doc, { participantId: idOf(0), bib: '0', club: 'late' });
  while (work.next().done !== true);
  expect(live.roster.participants.size).toBe(1200);
  expect(live.isStale()).toBe(true);
  expect(stale).toHaveLength(1);
  expect([...drain(live)]).toEqual(['#0']);
  expect(live.roster.participants.get(idOf(0))?.club).toBe('late');
  live.close();
  removeParticipant(doc, idOf(1));
  expect(live.isStale()).toBe(false);
});

it('pauses as often where one field of everybody was changed', () => {
  const doc = new Y.Doc({ gc: false });
  const people = Array.from({ length: 3000 }, (_, n) => ({ participantId: idOf(n), bib: String(n) }));
  putParticipants(doc, people);
  const live = createLiveRoster(doc);
  drain(live);
  putParticipants(
    doc,
    people.map((it) => ({ ...it, club: 'AC' })),
  );
  let pauses = 0;
  for (const work = live.update(); work.next().done !== true; ) pauses++;
  expect(pauses).toBe(300);
  expect(live.roster.participants.get(idOf(2999))?.club).toBe('AC');
});
