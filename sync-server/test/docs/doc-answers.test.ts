import { SYNC_MESSAGE } from '@baton/schema/protocol';
import fc from 'fast-check';
import * as decoding from 'lib0/decoding';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { answerSteps } from '../../src/docs/answer-steps.ts';
import { ANSWER_LIMITS, type Answer, type AnswerLimits, createDocAnswers } from '../../src/docs/doc-answers.ts';
import { syncHead } from '../../src/docs/frames.ts';
import type { StateVector } from '../../src/docs/gate/state-vector.ts';
import { createWorkTurns } from '../../src/docs/gate/work-turns.ts';
import { payloadOf, prepareFrame } from '../../src/transport/prepared-frame.ts';

const NOTHING: StateVector = new Map();

const newDoc = (clientID: number): Y.Doc => {
  const doc = new Y.Doc({ gc: false });
  doc.clientID = clientID;
  return doc;
};

const person = (n: number) => ({
  bib: `${n}`,
  firstName: 'Ada',
  lastName: `Alvarez-${n}`,
  club: `Running Club ${n % 120}`,
});

const roster = (people: number): Y.Doc => {
  const doc = newDoc(1);
  doc.transact(() => {
    for (let n = 0; n < people; n++) doc.getMap('participants').set(`#${n}`, person(n));
  });
  return doc;
};

const stateOf = (doc: Y.Doc): StateVector => Y.decodeStateVector(Y.encodeStateVector(doc));

/** As far as two documents can be told apart: clocks, what is deleted, and what is in them. */
const told = (doc: Y.Doc) => ({
  clocks: stateOf(doc),
  deleted: Y.createDeleteSetFromStructStore(doc.store).clients,
  map: doc.getMap('participants').toJSON(),
  list: doc.getArray('list').toJSON(),
  text: doc.getText('text').toString(),
});

interface SyncFrame {
  readonly kind: number;
  readonly update: Uint8Array;
}

const framesOf = (answer: Answer): readonly SyncFrame[] =>
  answer.map((frame) => {
    const decoder = decoding.createDecoder(payloadOf(frame));
    decoding.readVarUint(decoder);
    return { kind: decoding.readVarUint(decoder), update: decoding.readVarUint8Array(decoder) };
  });

const applied = (answer: Answer, doc = newDoc(99)): Y.Doc => {
  for (const { update } of framesOf(answer)) Y.applyUpdate(doc, update);
  return doc;
};

/** A document's answers, and the turns of an event loop whose clock stands still: what a turn may do is a matter of costs. */
const open = (doc: Y.Doc, limits: AnswerLimits = ANSWER_LIMITS) => {
  const ends: (() => void)[] = [];
  const turns = createWorkTurns({ timers: { mono: () => 0 }, afterTurn: (run) => void ends.push(run) });
  const answers = createDocAnswers({ doc, turns }, limits);
  doc.on('update', (update: Uint8Array) => answers.changed(prepareFrame(syncHead('update', update.length), update)));
  return {
    to: answers.to,
    /** Ends the turn; false when there is nothing more to do. */
    turn: (): boolean => {
      const due = ends.splice(0);
      for (const run of due) run();
      return due.length > 0;
    },
  };
};

const run = ({ turn }: { readonly turn: () => boolean }): number => {
  let turns = 1;
  while (turn()) turns++;
  return turns;
};

const countWrites = () => vi.spyOn(Y.Item.prototype, 'write');

afterEach(() => void vi.restoreAllMocks());

/** Far below what 50 ms are enough for. */
const MAX_STRUCTS_PER_TURN = 4000;

const mapOf = (doc: Y.Doc) => doc.getMap('participants');
const listOf = (doc: Y.Doc) => doc.getArray('list');
const textOf = (doc: Y.Doc) => doc.getText('text');

const CHANGES = {
  set: (doc: Y.Doc, at: number) => mapOf(doc).set(`#${at % 20}`, person(at)),
  unset: (doc: Y.Doc, at: number) => mapOf(doc).delete(`#${at % 20}`),
  push: (doc: Y.Doc, at: number) => listOf(doc).push(Array.from({ length: at * 10 }, (_, n) => n)),
  insert: (doc: Y.Doc, at: number) => listOf(doc).insert(Math.min(at, listOf(doc).length), ['a', at]),
  remove: (doc: Y.Doc, at: number) => {
    const from = Math.min(at, listOf(doc).length);
    listOf(doc).delete(from, Math.min(3, listOf(doc).length - from));
  },
  type: (doc: Y.Doc, at: number) => textOf(doc).insert(Math.min(at, textOf(doc).length), '🏁 run '.repeat(at * 20)),
  erase: (doc: Y.Doc, at: number) => {
    const from = Math.min(at, textOf(doc).length);
    textOf(doc).delete(from, Math.min(50, textOf(doc).length - from));
  },
} as const;

describe('an answer to step 1', () => {
  it('[P16] is encoded in turns, so many structs in each', () => {
    const doc = roster(20_000);
    const relay = open(doc);
    const writes = countWrites();
    const perTurn: number[] = [];
    let answer: Answer = [];
    relay.to(NOTHING, (it) => {
      answer = it;
    });
    do {
      perTurn.push(writes.mock.calls.length);
      writes.mockClear();
    } while (relay.turn());
    expect(perTurn.reduce((sum, count) => sum + count, 0)).toBe(20_000);
    expect(Math.max(...perTurn)).toBeLessThan(MAX_STRUCTS_PER_TURN);
    expect(told(applied(answer))).toEqual(told(doc));
  });

  it('[P16] is encoded in steps of bounded size, also of what one client wrote in a row', () => {
    const doc = newDoc(1);
    doc.getArray('list').push(Array.from({ length: 200_000 }, (_, n) => n));
    doc.getText('text').insert(0, 'a🏃'.repeat(100_000));
    for (let n = 0; n < 100; n++) doc.getMap('participants').set('one', 'x'.repeat(10_000) + n);
    const sizes: number[] = [];
    const steps = answerSteps(doc, NOTHING);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) sizes.push(step.value);
    const parts = step.value;
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(256 * 1024);
    expect(Math.max(...sizes)).toBeLessThan(100_000);
    const peer = newDoc(99);
    Y.applyUpdate(peer, Uint8Array.from(Buffer.concat(parts)));
    expect(told(peer)).toEqual(told(doc));
  });

  it('[P10] holds all that changes while it is encoded, and only once', () => {
    const doc = roster(8000);
    const relay = open(doc);
    let answer: Answer = [];
    relay.to(NOTHING, (it) => {
      answer = it;
    });
    let edits = 0;
    do {
      doc.getMap('participants').set(`#${edits * 7}`, `edited ${edits}`);
      doc.getMap('participants').delete(`#${7999 - edits}`);
      doc.getArray('list').insert(0, [edits++]);
    } while (relay.turn());
    expect(edits).toBeGreaterThan(1);
    const frames = framesOf(answer);
    expect(frames.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: frames.length - 1 }, () => SYNC_MESSAGE.update),
      SYNC_MESSAGE.step2,
    ]);
    let clock = 0;
    for (const { id, length } of frames.flatMap(({ update }) => Y.decodeUpdate(update).structs)) {
      expect(id.clock).toBe(clock);
      clock = id.clock + length;
    }
  });

  it('[P10] is true whatever is written, deleted and cut between its steps', () => {
    const edit = fc.record({
      type: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])),
      at: fc.nat({ max: 400 }),
      by: fc.nat({ max: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 20 }),
        fc.array(edit, { maxLength: 20 }),
        fc.nat({ max: 20 }),
        (a, b, had) => {
          const editors = [1, 2, 3].map(newDoc);
          const doc = newDoc(4);
          const changes: Uint8Array[] = [];
          const make = (it: (typeof a)[number]): void => {
            const editor = editors[it.by];
            if (editor === undefined) return;
            Y.applyUpdate(editor, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(editor)));
            CHANGES[it.type](editor, it.at);
            Y.applyUpdate(doc, Y.encodeStateAsUpdate(editor, Y.encodeStateVector(doc)));
          };
          const peer = newDoc(99);
          a.forEach((it, index) => {
            make(it);
            if (index === had) Y.applyUpdate(peer, Y.encodeStateAsUpdate(doc));
          });
          const steps = answerSteps(doc, stateOf(peer));
          let step = steps.next();
          doc.on('update', (update: Uint8Array) => changes.push(update));
          for (const it of b) {
            make(it);
            if (step.done !== true) step = steps.next();
          }
          while (step.done !== true) step = steps.next();
          Y.applyUpdate(peer, Uint8Array.from(Buffer.concat(step.value)));
          for (const update of changes) Y.applyUpdate(peer, update);
          expect(peer.store.pendingStructs).toBeNull();
          expect(peer.store.pendingDs).toBeNull();
          expect(told(peer)).toEqual(told(doc));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('answers', () => {
  it('are encoded once for all who lack the same, whatever else they have', () => {
    const doc = roster(100);
    const relay = open(doc);
    const writes = countWrites();
    const given: Answer[] = [];
    for (let n = 0; n < 1000; n++)
      relay.to(
        new Map([
          [1, 40],
          [1000 + n, 5],
        ]),
        (it) => given.push(it),
      );
    run(relay);
    expect(given.length).toBe(1000);
    expect(new Set(given.map(([first]) => first)).size).toBe(1);
    expect(writes.mock.calls.length).toBe(60);
  });

  it('are the same after a change, with that behind them', () => {
    const doc = roster(100);
    const relay = open(doc);
    relay.to(NOTHING, () => {});
    run(relay);
    const writes = countWrites();
    for (let n = 0; n < 5; n++) {
      doc.getMap('participants').set('#1', n);
      writes.mockClear();
      let answer: Answer = [];
      expect(relay.to(NOTHING, (it) => (answer = it))).toBeNull();
      expect(writes.mock.calls.length).toBe(0);
      expect(framesOf(answer).map(({ kind }) => kind)).toEqual([
        ...Array.from({ length: n + 2 }, () => SYNC_MESSAGE.update),
        SYNC_MESSAGE.step2,
      ]);
      expect(told(applied(answer))).toEqual(told(doc));
    }
  });

  it('[P16] of megabytes are not copied, to whomever and however often they are given', () => {
    const doc = roster(20_000);
    const relay = open(doc);
    const encoded = vi.spyOn(Y.UpdateEncoderV1.prototype, 'toUint8Array');
    const given: Answer[] = [];
    const ask = () => relay.to(NOTHING, (answer) => given.push(answer));
    for (let n = 0; n < 3; n++) ask();
    run(relay);
    const parts = encoded.mock.results.map(({ value }) => value);
    const [frame] = given[0] ?? [];
    if (frame === undefined) throw new Error('nothing was given');
    expect(frame.bytes).toBeGreaterThan(1_500_000);
    const [head, ...pieces] = frame.wire;
    expect(head?.length).toBeLessThan(100);
    expect(pieces.filter((it) => it.length > 100).every((it) => parts.includes(it))).toBe(true);
    expect(given.every((answer) => answer[0] === frame)).toBe(true);

    const before = Buffer.concat(frame.wire);
    for (let n = 0; n < 3; n++) {
      doc.getMap('participants').set('#1', n);
      ask();
    }
    const updates = given.slice(3).map(([first]) => first);
    expect(new Set(updates).size).toBe(1);
    expect(updates[0]?.wire.slice(1).every((it, at) => it === pieces[at])).toBe(true);
    expect(framesOf(given.at(-1) ?? [])[0]?.kind).toBe(SYNC_MESSAGE.update);
    expect(framesOf([frame])[0]?.kind).toBe(SYNC_MESSAGE.step2);
    expect(Buffer.concat(frame.wire).equals(before)).toBe(true);
    expect(told(applied(given.at(-1) ?? []))).toEqual(told(doc));
  });

  it('[P16] of many who wrote little each are joined in steps as well', () => {
    const doc = newDoc(1);
    for (let client = 2; client < 3000; client++) {
      doc.clientID = client;
      doc.getMap('participants').set(`#${client}`, 'x'.repeat(300));
    }
    let task = (): number | null => null;
    const start = (it: () => number | null): void => {
      task = it;
    };
    const { to } = createDocAnswers({ doc, turns: { start } });
    let answer: Answer = [];
    to(NOTHING, (it) => {
      answer = it;
    });
    const joins = vi.spyOn(Buffer, 'concat');
    const perStep: number[] = [];
    for (let more = true; more; joins.mockClear()) {
      more = task() !== null;
      perStep.push(joins.mock.results.reduce((sum, { value }) => sum + value.length, 0));
    }
    expect(answer[0]?.wire.length).toBeLessThan(40);
    expect(answer[0]?.bytes).toBeGreaterThan(900_000);
    expect(Math.max(...perStep)).toBeLessThan(64 * 1024);
    expect(told(applied(answer, newDoc(1)))).toEqual(told(doc));
  });

  it('that too many changes would follow are encoded anew', () => {
    const doc = roster(10);
    const relay = open(doc, { ...ANSWER_LIMITS, log: { changes: 20, bytes: 100_000 } });
    const lengths: number[] = [];
    for (let n = 0; n < 100; n++) {
      doc.getMap('participants').set(`#${n % 10}`, n);
      relay.to(NOTHING, (answer) => {
        lengths.push(answer.length);
        expect(told(applied(answer))).toEqual(told(doc));
      });
      run(relay);
    }
    expect(lengths.length).toBe(100);
    expect(Math.max(...lengths)).toBe(22);
    expect(lengths.filter((it) => it === 1).length).toBe(5);
  });

  it('also tell what was deleted to who has every clock', () => {
    const doc = roster(50);
    const relay = open(doc);
    const peer = newDoc(99);
    Y.applyUpdate(peer, Y.encodeStateAsUpdate(doc));
    doc.getMap('participants').delete('#7');
    let answer: Answer = [];
    relay.to(stateOf(peer), (it) => {
      answer = it;
    });
    run(relay);
    expect(told(applied(answer, peer))).toEqual(told(doc));
  });

  it('that nobody waits for any more are not encoded further', () => {
    const relay = open(roster(20_000));
    let given = 0;
    const giveUp = relay.to(NOTHING, () => given++);
    const writes = countWrites();
    giveUp?.();
    run(relay);
    expect(writes.mock.calls.length).toBeLessThan(1000);
    relay.to(NOTHING, () => given++);
    run(relay);
    expect(given).toBe(1);
  });

  it('[P16] are encoded one at a time, however many different ones are asked for', () => {
    const doc = roster(5000);
    const relay = open(doc);
    const writes = countWrites();
    const order: number[] = [];
    for (let n = 1; n <= 20; n++) relay.to(new Map([[1, n]]), () => order.push(n));
    let most = writes.mock.calls.length;
    for (writes.mockClear(); relay.turn(); writes.mockClear()) most = Math.max(most, writes.mock.calls.length);
    expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(most).toBeLessThan(MAX_STRUCTS_PER_TURN);
  });
});
