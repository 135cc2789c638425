import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import {
  type Participant,
  participantIdFor,
  participantName,
  putParticipants,
  type Roster,
  readHistory,
  rosterDocName,
  rosterRoots,
} from '@baton/schema/doc';
import type { CreatedToken, RaceBody } from '@baton/schema/http';
import { EventId, RaceId } from '@baton/schema/ids';
import { MAX_LIST_BYTES, type ParsedRoster, parseRoster } from '@baton/schema/roster';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createRosters } from '../../src/setup/rosters.ts';
import { createSetups } from '../../src/setup/setups.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { type Answer, createEvent, createRace, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

/** Lists of real timing software; they lie beside the repository, never in it. */
const recordedList = (name: string): Uint8Array<ArrayBuffer> => {
  const url = new URL(`../../../../shared/data/rosters/${name}`, import.meta.url);
  if (!existsSync(url)) throw new Error(`recorded data is absent: expected ../shared/data/rosters/${name}`);
  return new Uint8Array(readFileSync(url));
};

let f: RelayFixture;
let operator: string;
let eventId: EventId;
let count = 0;
beforeAll(async () => {
  f = await startRelay();
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});
beforeEach(async () => {
  eventId = EventId.parse(`e${++count}`);
  await createEvent(f, eventId);
  operator = await createToken(f, 'operator', eventId);
});

interface Sending {
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const send = (list: string | Uint8Array<ArrayBuffer>, query = '', sending: Sending = {}): Promise<Answer> =>
  f.ask('POST', `/api/v1/events/${eventId}/roster${query}`, { token: operator, raw: list, ...sending });

const hold = async <T>(look: (doc: Y.Doc) => T): Promise<T> => {
  const held = await f.core.docs.hold(rosterDocName(eventId));
  try {
    return look(held.doc);
  } finally {
    held.release();
  }
};

const rosterOf = (fixture: RelayFixture = f): Promise<Roster> =>
  createRosters({ ...fixture.core, setups: createSetups(fixture.core) }).read(eventId);

const byBib = async (): Promise<ReadonlyMap<string, Participant>> =>
  new Map([...(await rosterOf()).participants.values()].map((it) => [it.bib, it]));

const namesOf = async (): Promise<readonly string[]> =>
  [...(await byBib()).values()].map((it) => `${it.bib} ${participantName(it)}`).sort();

/** What changes with every edit, and with nothing else. */
const fingerprint = (): Promise<Uint8Array> => hold((doc) => Y.encodeStateVector(doc));

const manyRows = (rows: number): string =>
  Array.from({ length: rows }, (_, index) => `${index + 1},Berg ${index},Ada`).join('\n');

const PEOPLE = '1,Berg,Ada,Harriers,,F\n2,Fjord,Bo,Striders,,M\n';

describe('an import of participants', () => {
  it('[RT-42] takes a people file of timing software, and its bib-chip list', async () => {
    expect(await send(recordedList('people-100.ppl'), '?kind=participants')).toMatchObject({
      status: 200,
      body: { imported: 100 },
    });
    expect((await send(recordedList('bibchip-100.txt'), '?kind=chips')).body).toEqual({ imported: 100 });
    const { participants, chips } = await rosterOf();
    expect([participants.size, chips.size]).toEqual([100, 100]);
    const first = (await byBib()).get('1');
    expect(first).toMatchObject({ lastName: 'Mitchell', firstName: 'Patricia', club: 'Urban Stride', sex: 'F' });
    expect(chips.get('058003700001')).toBe(first?.participantId);
  });

  it('[RT-42] reads names in Windows-1252 and in UTF-8 alike', async () => {
    await send(recordedList('people-windows-1252.ppl'));
    expect((await byBib()).get('4')).toMatchObject({ lastName: 'ÿÖ°±²³´µ', firstName: '¶·¸¹º»¼½¾' });
    const latin = Uint8Array.from('5,Müller,Zo\u00eb,\u0080 Club\n', (it) => it.charCodeAt(0));
    await send(latin);
    await send('6,Müller,Zoë,€ Club\n');
    for (const bib of ['5', '6']) {
      expect((await byBib()).get(bib)).toMatchObject({ lastName: 'Müller', firstName: 'Zoë', club: '€ Club' });
    }
  });

  it('[RT-42] takes CSV with the documented headers in any case', async () => {
    const { raceId } = await createRace(f, eventId, '10 km');
    await f.ask('PATCH', `/api/v1/races/${raceId}`, {
      body: { categories: [{ categoryId: 'W40', name: 'Women 40', sex: 'F', ageFrom: 40, ageTo: 49 }] },
    });
    const csv =
      'BIB,FirstName,LASTNAME,club,Sex,birthYear,Category,chip,Race\r\n' +
      '12,Ada,"Berg, Dr.",Harriers,F,1980,women 40,0580037000AB,10 KM\r\n' +
      `13,Bo,Fjord,,M,,,,${raceId}\r\n`;
    expect(await send(csv, '?format=csv', { headers: { 'Content-Type': 'text/csv' } })).toMatchObject({
      status: 200,
      body: { imported: 2 },
    });
    const people = await byBib();
    expect(people.get('12')).toEqual({
      participantId: `${raceId}#12`,
      bib: '12',
      firstName: 'Ada',
      lastName: 'Berg, Dr.',
      club: 'Harriers',
      sex: 'F',
      birthYear: 1980,
      category: 'W40',
      raceId,
    });
    expect(people.get('13')).toMatchObject({ club: null, birthYear: null, category: null, raceId });
    expect([...(await rosterOf()).chips]).toEqual([['0580037000ab', `${raceId}#12`]]);
  });

  it('merges by bib within the race: keeps what the list does not say, and writes nothing the second time', async () => {
    const { raceId } = await createRace(f, eventId);
    await send(PEOPLE, `?raceId=${raceId.toUpperCase()}`);
    await send('1,058003700001\n', '?kind=chips');
    expect((await send('bib;club\n2;Rovers\n', `?raceId=${raceId}`)).body).toEqual({ imported: 1 });
    expect((await byBib()).get('2')).toMatchObject({ club: 'Rovers', lastName: 'Fjord', sex: 'M', raceId });
    const before = await fingerprint();
    expect((await send('bib;club\n2;Rovers\n', `?raceId=${raceId}`)).body).toEqual({ imported: 1 });
    expect(await fingerprint()).toEqual(before);
    expect(await namesOf()).toEqual(['1 Ada Berg', '2 Bo Fjord']);
  });

  it('replaces the participants of one race: who comes back keeps chips and corrections', async () => {
    const [ten, five] = [await createRace(f, eventId, '10 km'), await createRace(f, eventId, '5 km')];
    await send(PEOPLE, `?raceId=${ten.raceId}`);
    await send('1,Lind,Cy\n', `?raceId=${five.raceId}`);
    await send('1,058003700001\n2,058003700002\n', `?kind=chips&raceId=${ten.raceId}`);
    const correction = { status: 'DNF', manualMs: null, reason: '', author: 'kim', at: 1 };
    await hold((doc) => rosterRoots(doc).corrections.set(`${ten.raceId}#1`, correction));
    expect((await send('1,Berg,Ada\n3,Dahl,Di\n', `?mode=replace&raceId=${ten.raceId}`)).status).toBe(200);
    const { participants, chips, corrections } = await rosterOf();
    expect([...participants.keys()].sort()).toEqual([`${ten.raceId}#1`, `${ten.raceId}#3`, `${five.raceId}#1`].sort());
    expect([...chips]).toEqual([['058003700001', `${ten.raceId}#1`]]);
    expect([...corrections.keys()]).toEqual([`${ten.raceId}#1`]);
  });

  it('is seen by the start list', async () => {
    const { raceId } = await createRace(f, eventId);
    await send(PEOPLE, `?raceId=${raceId}`);
    const list = await f.ask('GET', `/api/v1/events/${eventId}/startlist/${raceId}`, { token: null });
    expect(list.body).toMatchObject({
      data: [
        { bib: '1', name: 'Ada Berg' },
        { bib: '2', name: 'Bo Fjord' },
      ],
    });
  });

  it('[P16] is seen by a start list of thousands, which is sent in pieces', async () => {
    const { raceId } = await createRace(f, eventId);
    await send(manyRows(2500), `?raceId=${raceId}`);
    const ask = (query: string) =>
      f.ask('GET', `/api/v1/events/${eventId}/startlist/${raceId}${query}`, { token: null });
    const whole = await ask('?limit=100000');
    expect(whole.headers.get('content-type')).toMatch(/^application\/json/);
    const { data, total, asOf } = whole.body as { data: { bib: string }[]; total: number; asOf: number };
    expect(data.map(({ bib }) => Number(bib))).toEqual(Array.from({ length: 2500 }, (_, n) => n + 1));
    expect([total, asOf > 0]).toEqual([2500, true]);
    expect((await ask('?limit=5&offset=2000')).body).toMatchObject({ data: data.slice(2000, 2005), total });
    expect((await ask('?q=no%20such%20name')).body).toMatchObject({ data: [], total: 0 });
  });
});

describe('a list with one bad line', () => {
  let race: RaceBody;
  beforeEach(async () => {
    race = await createRace(f, eventId);
    const men = { categoryId: 'M40', name: 'Men 40', sex: 'M', ageFrom: 40, ageTo: 49 };
    await f.ask('PATCH', `/api/v1/races/${race.raceId}`, { body: { categories: [men] } });
    await send(PEOPLE);
    await send('1,058003700001\n', '?kind=chips');
  });

  it.each([
    ['a line of too few cells', '', '1,Berg,Ada\n\n;note\nnonsense\n', 4],
    ['a bib twice', '', '7,A,B\n8,C,D\n7,E,F\n', 3],
    ['a bib of 33 characters', '', `1,A,B\n${'9'.repeat(33)},C,D\n`, 2],
    ['a control character', '', '1,A,B\n2,C\u0007,D\n', 2],
    ['a chip that is none', '?kind=chips', 'BIB,CHIP\n1,058003700001\n2,05800370000\n', 3],
    ['a chip twice', '?kind=chips', '1,058003700001\n2,058003700001\n', 2],
    ['a bib that nobody has', '?kind=chips', 'BIB,CHIP\n1,058003700001\n99,058003700002\n', 3],
    ['a sex that is none', '', 'bib,name,sex\n1,A,F\n2,B,Q\n', 3],
    ['a year that is none', '', 'bib,name,birthYear\n1,A,1980\n2,B,80\n', 3],
    ['a race that is not there', '', 'bib,name,race\n1,"A\nB",10 km\n', 2],
    ['a race of another name', '', 'bib,name,race\n1,A,10 km\n2,B,half\n', 3],
    ['a category that is not there', 'RACE', 'bib,name,category\n1,A,\n2,B,W40\n', 3],
    ['a quote that is never closed', '', 'bib,name\n1,A\n2,"B\n3,C\n', 3],
    ['no header that is known', '?format=csv', 'a,b\n1,2\n', 1],
  ])('[RT-42] is refused whole, by its line: %s', async (_, query, list, line) => {
    const before = await fingerprint();
    for (const mode of ['merge', 'replace']) {
      const where = query === 'RACE' ? `?raceId=${race.raceId}` : query;
      const answer = await send(list, `${where}${where === '' ? '?' : '&'}mode=${mode}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', retryable: false } });
      const { details, message } = answer.body as { details: { lines: number[]; more: number }; message: string };
      expect(details).toMatchObject({ lines: [line], more: 0 });
      expect(message).toContain(`line ${line}:`);
    }
    expect(await fingerprint()).toEqual(before);
    expect(await namesOf()).toEqual(['1 Ada Berg', '2 Bo Fjord']);
  });

  it('names every bad line, and says how many more there are', async () => {
    const answer = await send(Array.from({ length: 150 }, () => 'x').join('\n'));
    const { details, message } = answer.body as {
      details: { lines: number[]; problems: object[]; more: number };
      message: string;
    };
    expect(details.lines).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(details.more).toBe(50);
    expect(message).toContain('and 149 more');
  });
});

describe('the body of an import', () => {
  const form = (...files: readonly (readonly [string, string])[]): FormData => {
    const data = new FormData();
    data.append('note', 'of no interest');
    for (const [name, text] of files) data.append(name, new Blob([text]), `${name}.ppl`);
    return data;
  };
  const sendForm = async (data: FormData, query = ''): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${f.base}/api/v1/events/${eventId}/roster${query}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${operator}` },
      body: data,
    });
    return { status: response.status, body: await response.json() };
  };

  it('may be a form with one file; what else it has is ignored', async () => {
    expect(await sendForm(form(['people', PEOPLE]), '?kind=participants&raceId=&format=')).toEqual({
      status: 200,
      body: { imported: 2 },
    });
    expect(await namesOf()).toEqual(['1 Ada Berg', '2 Bo Fjord']);
  });

  it.each([
    ['no file', []],
    [
      'two files',
      [
        ['a', PEOPLE],
        ['b', PEOPLE],
      ] as const,
    ],
    ['an empty file', [['a', '']] as const],
  ])('is refused as a form with %s', async (_, files) => {
    expect(await sendForm(form(...files))).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect((await rosterOf()).participants.size).toBe(0);
  });

  it.each([
    ['text/plain; charset=utf-8'],
    ['text/csv'],
    ['application/octet-stream'],
    ['application/x-www-form-urlencoded'],
  ])('may be %s', async (type) => {
    expect((await send(PEOPLE, '', { headers: { 'Content-Type': type } })).body).toEqual({ imported: 2 });
  });

  it('may have no content type', async () => {
    const { status } = await f.askAsIs('POST', `/api/v1/events/${eventId}/roster`, {
      token: operator,
      raw: new TextEncoder().encode(PEOPLE),
    });
    expect(status).toBe(200);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, Readonly<Record<string, string>>]>([
    ['empty', '', {}],
    ['only blank lines', '\n\n \n', {}],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x31, 0), {}],
    ['binary', Uint8Array.of(0x31, 0, 0x2c), {}],
    ['a spreadsheet', Uint8Array.of(0x50, 0x4b, 3, 4, 0x20), {}],
    ['compressed', PEOPLE, { 'Content-Encoding': 'gzip' }],
    ['a form without a boundary', PEOPLE, { 'Content-Type': 'multipart/form-data' }],
    [
      'a form that breaks off',
      '--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n1,A',
      { 'Content-Type': 'multipart/form-data; boundary=x' },
    ],
  ])('is refused when it is %s', async (_, list, headers) => {
    expect(await send(list, '', { headers })).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect((await rosterOf()).participants.size).toBe(0);
  });

  it('is refused when too large, announced or not, raw or as a file', async () => {
    const large = 'x'.repeat(MAX_LIST_BYTES + 1);
    expect(await send(large)).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await sendForm(form(['a', large]))).toMatchObject({ status: 413 });
    const unannounced = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(
        `${f.base}/api/v1/events/${eventId}/roster`,
        { method: 'POST', headers: { Authorization: `Bearer ${operator}`, 'Transfer-Encoding': 'chunked' } },
        (response) => resolve(response.resume().statusCode),
      );
      sent.once('error', reject);
      sent.end(large);
    });
    expect(unannounced).toBe(413);
  });

  it.each([['?kind=people'], ['?format=xls'], ['?mode=wipe'], ['?raceId=nonsense'], ['?kind=chips&format=ppl']])(
    'is refused with %s',
    async (query) => {
      expect((await send(PEOPLE, query)).status).toBe(400);
      expect((await rosterOf()).participants.size).toBe(0);
    },
  );

  it('is refused for a race that is not there', async () => {
    expect((await send(PEOPLE, '?raceId=00000000-0000-4000-8000-000000000000')).status).toBe(404);
  });
});

describe('who may import', () => {
  it('[P15] is an operator of the event, or the admin; nobody else is read at all', async () => {
    await createEvent(f, `${eventId}-other`);
    const tokens = {
      forwarder: await createToken(f, 'forwarder', eventId, `${eventId}-f`),
      receiver: await createToken(f, 'receiver', eventId, `${eventId}-r`),
      viewer: await createToken(f, 'viewer', eventId),
      foreign: await createToken(f, 'operator', `${eventId}-other`),
    };
    for (const token of Object.values(tokens)) expect((await send(PEOPLE, '', { token })).status).toBe(403);
    expect((await send(PEOPLE, '', { token: null })).status).toBe(401);
    expect((await send(PEOPLE, '', { token: 'made-up' })).status).toBe(401);
    expect((await f.ask('POST', '/api/v1/events/nowhere/roster', { raw: PEOPLE })).status).toBe(404);
    expect((await rosterOf()).participants.size).toBe(0);
    expect((await f.ask('POST', `/api/v1/events/${eventId}/roster`, { raw: PEOPLE })).status).toBe(200);
  });
});

describe('a token that is revoked while its list comes', () => {
  it('[P17] imports nothing', async () => {
    const made = await f.ask('POST', '/api/v1/tokens', { body: { role: 'operator', eventId } });
    const { token, tokenId } = made.body as CreatedToken;
    const sent = request(`${f.base}/api/v1/events/${eventId}/roster`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Transfer-Encoding': 'chunked', Expect: '100-continue' },
    });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      sent.once('response', (response) => resolve(response.resume().statusCode));
      sent.once('error', reject);
    });
    await new Promise<void>((resolve) => {
      sent.once('continue', resolve);
      sent.flushHeaders();
    });
    sent.write('1,Berg,Ada\n');
    expect((await f.ask('DELETE', `/api/v1/tokens/${tokenId}`)).status).toBe(204);
    sent.end();
    expect(await answered).toBe(401);
    expect((await rosterOf()).participants.size).toBe(0);
  });
});

describe('an import and the disk', () => {
  /** A store whose documents can be stored so many times more. */
  const failing = (): { readonly store: Store; allow: number } => {
    const store = createMemoryStore();
    const control = {
      allow: Number.POSITIVE_INFINITY,
      store: {
        ...store,
        appendDoc: async (name: string, update: Uint8Array) =>
          name.endsWith('/roster') && control.allow-- <= 0
            ? ({ type: 'storage-full', message: 'no space left' } as const)
            : store.appendDoc(name, update),
      },
    };
    return control;
  };
  const withRelay = async (run: (g: RelayFixture, control: ReturnType<typeof failing>) => Promise<void>) => {
    const control = failing();
    const g = await startRelay({ store: control.store });
    try {
      await createEvent(g, eventId);
      await run(g, control);
    } finally {
      await g.close();
    }
  };

  it('[P22] is whole or not at all when it fits one part', async () => {
    await withRelay(async (g, control) => {
      control.allow = 0;
      const answer = await g.ask('POST', `/api/v1/events/${eventId}/roster`, { raw: manyRows(1000) });
      expect(answer).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL', retryable: true } });
      expect((await rosterOf(g)).participants.size).toBe(0);
    });
  });

  it('[P22] tells how far a long one came, and the same list again does the rest', async () => {
    await withRelay(async (g, control) => {
      const path = `/api/v1/events/${eventId}/roster`;
      control.allow = 2;
      const answer = await g.ask('POST', path, { raw: manyRows(5000) });
      expect(answer).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL', details: { done: 2 } } });
      control.allow = Number.POSITIVE_INFINITY;
      expect((await g.ask('POST', path, { raw: manyRows(5000) })).body).toEqual({ imported: 5000 });
      expect((await rosterOf(g)).participants.size).toBe(5000);
    });
  });

  it('two at once give one roster, and both are told', async () => {
    const [a, b] = await Promise.all([send(manyRows(1500)), send(manyRows(1500))]);
    expect([a.body, b.body]).toEqual([{ imported: 1500 }, { imported: 1500 }]);
    expect((await rosterOf()).participants.size).toBe(1500);
  });
});

describe('an import among others', () => {
  const LIST = parseRoster(new TextEncoder().encode(PEOPLE));
  const list = (): ParsedRoster => {
    if (LIST.type === 'refused') throw new Error('the list is good');
    return LIST.parsed;
  };
  /** Rosters that rest after each step of their work: `during` is run in each rest. */
  const rostersWith = (during: () => Promise<void>) =>
    createRosters({
      ...f.core,
      setups: createSetups(f.core),
      pace: { isOver: () => true, rest: during },
    });
  const addPerson = async (bib: string): Promise<void> => {
    const held = await f.core.docs.hold(rosterDocName(eventId));
    await held.edit((doc) => putParticipants(doc, [{ participantId: participantIdFor(null, bib), bib }]));
    held.release();
  };

  /** Enough people for a plan to pause. */
  const addCrowd = (): Promise<void> =>
    hold((doc) => {
      const bibs = Array.from({ length: 2000 }, (_, index) => `${index + 100}`);
      putParticipants(
        doc,
        bibs.map((bib) => ({ participantId: participantIdFor(null, bib), bib })),
      );
    });

  /** Entries of each change of the document while a list of people is imported, by rosters that have time, or never have. */
  const partsBy = async (people: number, hasTime: boolean): Promise<readonly number[]> => {
    const pace = { isOver: () => !hasTime, rest: () => Promise.resolve() };
    const rosters = createRosters({ ...f.core, setups: createSetups(f.core), pace });
    const parsed = parseRoster(new TextEncoder().encode(manyRows(people)));
    if (parsed.type === 'refused') throw new Error('the list is good');
    const held = await f.core.docs.hold(rosterDocName(eventId));
    const { participants } = rosterRoots(held.doc);
    const parts: number[] = [];
    const note = ({ keysChanged }: Y.YMapEvent<unknown>): void => void parts.push(keysChanged.size);
    participants.observe(note);
    const imported = await rosters.importList(eventId, null, parsed.parsed, { mode: 'replace' });
    participants.unobserve(note);
    held.release();
    expect(imported).toMatchObject({ ok: true, value: { imported: people } });
    return parts;
  };

  it('[P16] of a long list, a change of the document ends when it has had its time, and takes no more than 200 entries', async () => {
    const [slow, quick] = [await partsBy(1200, false), await partsBy(2400, true)];
    expect(Math.max(...slow)).toBe(10);
    expect(slow).toHaveLength(120);
    expect(Math.max(...quick)).toBe(200);
    expect((await rosterOf()).participants.size).toBe(2400);
  });

  it('a list of a thousand is one change of the document, whatever time it has', async () => {
    expect(await partsBy(1000, false)).toEqual([1000]);
  });

  it('is planned again when somebody edits the roster meanwhile', async () => {
    await addCrowd();
    let edits = 0;
    const rosters = rostersWith(async () => {
      if (edits++ === 0) await addPerson('99999');
    });
    const imported = await rosters.importList(eventId, null, list(), { mode: 'replace' });
    expect(imported).toMatchObject({ ok: true, value: { imported: 2 } });
    expect(edits).toBeGreaterThan(0);
    expect(await namesOf()).toEqual(['1 Ada Berg', '2 Bo Fjord']);
  });

  it('gives up, with nothing changed, where the roster never holds still', async () => {
    await addCrowd();
    let edits = 0;
    const rosters = rostersWith(() => addPerson(`${10_000 + edits++}`));
    const imported = await rosters.importList(eventId, null, list(), { mode: 'replace' });
    expect(imported).toMatchObject({ ok: false, error: { code: 'CONFLICT' } });
    expect((await byBib()).has('1')).toBe(false);
    expect((await rosterOf()).participants.size).toBe(2000 + edits);
  });

  it('is signed in the history as an import by its token', async () => {
    await send(PEOPLE);
    const history = await hold((doc) => readHistory(doc, 'roster'));
    expect(history[0]).toMatchObject({ kind: 'import', author: { name: 'operator' } });
  });

  it('[P16] lets others be answered while a long list is read and stored', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index + 1},Berg ${index},Ada`).join('\n');
    let done = false;
    const importing = send(rows).finally(() => {
      done = true;
    });
    let answered = 0;
    while (!done) {
      expect((await f.ask('GET', '/healthz')).status).toBe(200);
      answered++;
    }
    expect((await importing).body).toEqual({ imported: 20_000 });
    expect(answered).toBeGreaterThan(5);
  });

  it('waits for nobody: a third list for an event while two are on their way is told to come again', async () => {
    const open = [1, 2, 3].map(() => {
      const sent = request(`${f.base}/api/v1/events/${eventId}/roster`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${operator}`, 'Transfer-Encoding': 'chunked' },
      });
      const answered = new Promise<number | undefined>((resolve, reject) => {
        sent.once('response', (response) => resolve(response.resume().statusCode));
        sent.once('error', reject);
      });
      sent.write('1,Berg,Ada\n');
      return { sent, answered };
    });
    // the two that came first wait for the end of their lists
    expect(await Promise.race(open.map(({ answered }) => answered))).toBe(503);
    for (const { sent } of open) sent.end();
    const all = await Promise.all(open.map(({ answered }) => answered));
    expect(all.sort()).toEqual([200, 200, 503]);
    expect((await send(PEOPLE)).status).toBe(200);
  });
});

describe('a race id', () => {
  it('[RT-33] may come in any letter case', async () => {
    const { raceId } = await createRace(f, eventId);
    expect((await send(PEOPLE, `?raceId=${raceId.toUpperCase()}`)).status).toBe(200);
    expect((await byBib()).get('1')?.raceId).toBe(RaceId.parse(raceId));
  });
});
