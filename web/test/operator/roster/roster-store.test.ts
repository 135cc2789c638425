import type { DocLink } from '@baton/client-core';
import {
  changeParticipants,
  ParticipantId,
  putChip,
  putParticipant,
  putParticipants,
  putRace,
  readHistory,
  readRoster,
  readSetup,
  removeParticipant,
  rosterRoots,
  type Setup,
} from '@baton/schema/doc';
import { RaceId } from '@baton/schema/ids';
import { signal } from '@preact/signals';
import { expect, it } from 'vitest';
import * as Y from 'yjs';
import { createEditedDoc } from '../../../src/operator/edited-doc.ts';
import { bulkSteps, bulkTargets } from '../../../src/operator/roster/bulk-edit.ts';
import { createImportStore, kindOf } from '../../../src/operator/roster/import-store.ts';
import { rosterCsv } from '../../../src/operator/roster/roster-csv.ts';
import { createRosterStore } from '../../../src/operator/roster/roster-store.ts';
import { browserTimers } from '../../../src/platform/browser-time.ts';

const ten = RaceId.parse('ten');
const five = RaceId.parse('five');

const twoRaces = (): Setup => {
  const doc = new Y.Doc();
  putRace(doc, { raceId: five, name: '5 km' });
  putRace(doc, { raceId: ten, name: '10 km', categories: [{ categoryId: 'w40', name: '=Women' }] });
  return readSetup(doc).setup;
};

const open = () => {
  const doc = new Y.Doc({ gc: false });
  const loaded = signal(true);
  const followed = {
    doc,
    link: signal<DocLink>({ type: 'synced', unsaved: false, keeping: { type: 'none' } }),
    loaded,
    close: () => undefined,
  };
  const edited = createEditedDoc(followed, 'roster', () => ({ name: 'Ada', at: 1 }));
  const setup = signal<Setup>(twoRaces());
  const store = createRosterStore({ edited, setup, timers: browserTimers });
  const imports = createImportStore({ roster: store, setup, timers: browserTimers });
  return { doc, loaded, edited, setup, store, imports };
};

const idOf = (bib: string): ParticipantId => ParticipantId.parse(`ten#${bib}`);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('shows edits, one’s own and others’, in the order of races and bibs', async () => {
  const { doc, store, edited, setup } = open();
  edited.edit((it) => putParticipant(it, { participantId: idOf('10'), bib: '10', raceId: ten }));
  putParticipants(doc, [
    { participantId: idOf('9'), bib: '9', raceId: ten },
    { participantId: idOf('1'), bib: '1', raceId: five },
  ]);
  putChip(doc, 'aa', idOf('9'));
  const bibs = () => store.rows.value.map((row) => row.participant.bib);
  await expect.poll(bibs).toEqual(['9', '10', '1']);
  expect(store.rowOf(idOf('9'))?.chips).toEqual(['aa']);
  expect(store.counts.value.get(ten)).toBe(2);
  const turned = new Y.Doc();
  putRace(turned, { raceId: five, name: '1 Fun run' });
  putRace(turned, { raceId: ten, name: '10 km' });
  setup.value = readSetup(turned).setup;
  expect(bibs()).toEqual(['1', '9', '10']);
  store.close();
});

it('[RT-42] tells chips of nobody, bibs worn twice and what cannot be read', async () => {
  const { doc, store } = open();
  putParticipants(doc, [
    { participantId: idOf('1'), bib: '1', raceId: ten },
    { participantId: ParticipantId.parse('ten#1~2'), bib: '1', raceId: ten },
  ]);
  putChip(doc, 'aa', idOf('gone'));
  rosterRoots(doc).participants.set('odd', 7);
  await expect.poll(() => store.strayChips.value).toEqual(['aa']);
  expect([...store.twins.value].sort()).toEqual(['ten#1', 'ten#1~2']);
  expect(store.problems.value).toMatchObject([{ root: 'participants', key: 'odd' }]);
  removeParticipant(doc, ParticipantId.parse('ten#1~2'));
  await expect.poll(() => store.twins.value.size).toBe(0);
  store.close();
});

it('is ready only once what the relay had was read', async () => {
  const { doc, loaded, store } = open();
  loaded.value = false;
  putParticipant(doc, { participantId: idOf('1'), bib: '1' });
  await expect.poll(() => store.rows.value.length).toBe(1);
  loaded.value = true;
  await expect.poll(() => store.ready.value).toBe(true);
  store.close();
});

it('[RT-42] plans an import, applies it in steps of its own, and takes it back as a whole, leaving other edits', async () => {
  const { doc, store, imports, edited } = open();
  const lines = Array.from({ length: 2500 }, (_, at) => `${at + 1},Last${at},First${at}`);
  await imports.choose({ name: 'people.ppl', bytes: bytes(lines.join('\n')) });
  expect(imports.look.value).toMatchObject({ format: 'ppl', encoding: 'utf-8' });
  await imports.change({ raceId: ten });
  expect(imports.stage.value).toMatchObject({ type: 'planned', plan: { imported: 2500 } });
  expect(readRoster(doc).roster.participants.size).toBe(0);
  await imports.apply();
  expect(imports.stage.value.type).toBe('applied');
  expect(store.batches.current.value).toMatchObject({ state: 'done', kind: 'import', label: 'Import of people.ppl' });
  expect(store.batches.current.value?.total).toBeGreaterThan(1);
  expect(readRoster(doc).roster.participants.size).toBe(2500);
  expect(new Set(readHistory(doc, 'roster').map((it) => it.kind))).toEqual(new Set(['import']));

  edited.edit((it) => putParticipant(it, { participantId: ParticipantId.parse('later'), bib: '9999' }));
  expect(edited.undo.canUndo()).toBe(true);
  await store.batches.undo();
  expect([...readRoster(doc).roster.participants.keys()]).toEqual(['later']);
  expect(store.batches.current.value?.state).toBe('undone');
  edited.undo.undo({ name: 'Ada', at: 2 });
  expect(readRoster(doc).roster.participants.size).toBe(0);
  store.close();
});

it('[RT-42] changes many in one go, and takes that back, but not what others have changed meanwhile', async () => {
  const { doc, store } = open();
  const ids = Array.from({ length: 1201 }, (_, at) => idOf(String(at)));
  putParticipants(
    doc,
    ids.map((participantId, at) => ({ participantId, bib: `${at}`, raceId: ten })),
  );
  await expect.poll(() => store.rows.value.length).toBe(ids.length);
  const change = { type: 'race', raceId: five } as const;
  const steps = bulkSteps(bulkTargets(store.rows.value, change), change, { name: 'Ada', at: 1 });
  expect(steps).toHaveLength(3);
  const both = [store.batches.run('Race', steps), store.batches.run('Race again', steps)];
  expect(await Promise.all(both)).toEqual([true, false]);
  await expect.poll(() => store.counts.value.get(five)).toBe(ids.length);
  changeParticipants(doc, [[idOf('7'), { raceId: null }]]);
  await store.batches.undo();
  await expect.poll(() => store.counts.value.get(ten)).toBe(ids.length - 1);
  expect(readRoster(doc).roster.participants.get(idOf('7'))?.raceId).toBeNull();
  store.batches.putAway();
  expect(store.batches.current.value).toBeNull();
  store.close();
});

it('stops between two steps when the page leaves the event', async () => {
  const { doc, store } = open();
  const step = (at: number) => (it: Y.Doc) => putParticipant(it, { participantId: idOf(String(at)), bib: String(at) });
  const run = store.batches.run('Import', [step(1), step(2)]);
  store.close();
  expect(await run).toBe(false);
  expect(readRoster(doc).roster.participants.size).toBe(0);
});

it('[RT-42] refuses a bad list by line, and applies nothing of it', async () => {
  const { doc, store, imports } = open();
  await imports.choose({ name: 'bad.csv', bytes: bytes('Bib,Chip,Name\n1,zz,Ada\n2,058003700001,Bob\n') });
  expect(imports.stage.value).toMatchObject({ type: 'refused', problems: [{ line: 2 }] });
  await imports.apply();
  expect(readRoster(doc).roster.participants.size).toBe(0);
  await imports.change({ columns: ['bib', null, 'name'] });
  expect(imports.stage.value).toMatchObject({ type: 'planned', plan: { imported: 2 } });
  await imports.choose({ name: 'x.xlsx', bytes: Uint8Array.from([0x50, 0x4b, 3, 4]) });
  expect(imports.stage.value).toMatchObject({ type: 'refused', problems: [{ line: null }] });
  imports.reset();
  expect(imports.stage.value).toEqual({ type: 'choosing', problem: null });
  store.close();
});

it('[RT-42] shows again what an import would do when others changed the roster meanwhile', async () => {
  const { doc, store, imports } = open();
  await imports.choose({ name: 'a.ppl', bytes: bytes('1,Quick,Ada\n') });
  putParticipant(doc, { participantId: ParticipantId.parse('#1'), bib: '1', lastName: 'Slow' });
  await expect.poll(() => store.rows.value.length).toBe(1);
  await imports.apply();
  expect(imports.stage.value).toMatchObject({ type: 'planned', isNewPreview: true, plan: { changed: [{ line: 1 }] } });
  expect(readRoster(doc).roster.participants.get(ParticipantId.parse('#1'))?.lastName).toBe('Slow');
  await imports.apply();
  expect(readRoster(doc).roster.participants.get(ParticipantId.parse('#1'))?.lastName).toBe('Quick');
  store.close();
});

it('[RT-42] changes nothing when its own export is imported, whatever people are called', async () => {
  const { doc, store, imports, setup } = open();
  const names = ['=SUM(A1)', "'=x", '-5', '@home', 'a,b', 'say "hi"', 'Ø Łódź', ' ', '', '+1;2'];
  putParticipants(
    doc,
    names.map((name, at) => ({
      participantId: idOf(String(at)),
      bib: at === 2 ? '-2' : `${at}`,
      firstName: name,
      lastName: name,
      club: name,
      sex: at % 2 === 0 ? 'F' : null,
      birthYear: at % 3 === 0 ? 1980 : null,
      category: at === 1 ? 'w40' : null,
      raceId: at === 9 ? null : ten,
    })),
  );
  putChip(doc, '058003700001', idOf('1'));
  putChip(doc, '058003700002', idOf('1'));
  await expect.poll(() => store.rows.value.length).toBe(names.length);
  const csv = rosterCsv(store.rows.value, setup.value.races);
  expect(csv).toContain(`'=SUM(A1)`);
  expect(csv.split('\r\n')).toHaveLength(names.length + 2);
  await imports.choose({ name: 'roster.csv', bytes: bytes(csv) });
  expect(imports.stage.value).toMatchObject({
    type: 'planned',
    plan: {
      added: [],
      changed: [],
      removed: [],
      unchanged: names.length,
      chips: { given: [], moved: [], unchanged: 2 },
    },
  });
  await imports.change({ mode: 'replace' });
  expect(imports.stage.value).toMatchObject({ type: 'planned', plan: { removed: [], chips: { removed: [] } } });
  store.close();
});

it('names a race by its id where two have one name', () => {
  const races = new Map(
    [ten, five].map((raceId) => [raceId, { raceId, name: 'Run', startAt: null, points: [], categories: [] }]),
  );
  const participant = {
    participantId: idOf('1'),
    bib: '1',
    firstName: '',
    lastName: '',
    club: null,
    sex: null,
    birthYear: null,
    category: null,
    raceId: ten,
  };
  const csv = rosterCsv([{ participant, chips: [], correction: null, words: '', bibKey: '' }], races);
  expect(csv.split('\r\n')[1]).toBe('1,,,,,,,ten,');
});

it('takes a CSV file of bibs and chips for a list of chips', () => {
  expect(kindOf('csv', ['bib', 'chip', null])).toBe('chips');
  expect(kindOf('csv', ['bib', 'chip', 'lastName'])).toBe('participants');
  expect(kindOf('bibchip', [])).toBe('chips');
  expect(kindOf('ppl', [])).toBe('participants');
});
