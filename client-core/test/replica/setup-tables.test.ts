import { EMPTY_ROSTER, EMPTY_SETUP } from '@baton/schema/doc';
import { StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setupFromRows } from '../../src/replica/setup-from-rows.ts';
import { NO_SETUP, SETUP_TABLES, setupRows } from '../../src/replica/setup-rows.ts';
import { openShared, type SharedDatabase } from './open-in-memory.ts';
import { ALL_TEN, rosterOf, rowsOf, runner, setupOf } from './race-stage.ts';

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await openShared();
}, 180_000);
afterAll(() => shared.close());

const contents = async (): Promise<unknown> => {
  const tables: Record<string, unknown> = {};
  for (const table of SETUP_TABLES) tables[table] = await shared.rows(`SELECT * FROM ${table} ORDER BY 1, 2`);
  return tables;
};
const versions = () => shared.rows('SELECT participant_id, xmin::text AS version FROM participants ORDER BY 1');

describe('setup in tables', () => {
  const runners = ['1', '2', '3'].map((bib) => runner(bib));

  it('is replaced as a whole, and only what differs is written, after a restart too', async () => {
    const first = await shared.fresh();
    const rows = rowsOf(setupOf(ALL_TEN), rosterOf(runners));
    await first.applySetup(rows);
    const [held, before] = [await contents(), await versions()];
    await first.applySetup(rows);
    const restarted = await shared.restart();
    await restarted.applySetup(rows);
    expect([await contents(), await versions()]).toEqual([held, before]);
    await restarted.applySetup(
      rowsOf(setupOf(ALL_TEN), rosterOf([...runners.slice(0, 2), runner('3', { club: 'TV' })])),
    );
    const after = await versions();
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toEqual(before[2]);
    await restarted.applySetup(NO_SETUP);
    for (const table of SETUP_TABLES) expect(await shared.rows(`SELECT * FROM ${table}`)).toEqual([]);
  });

  it('takes texts that Postgres cannot hold, and two that become the same', async () => {
    const database = await shared.fresh();
    const chips = ['a\u0000', 'a\ufffd', 'b\ud800'].map((chip) => ({ chip, participant_id: 'p' }));
    expect(await database.applySetup({ ...NO_SETUP, chips })).toEqual({ type: 'applied' });
    expect(await shared.rows('SELECT chip FROM chips ORDER BY 1')).toEqual([{ chip: 'a\ufffd' }, { chip: 'b\ufffd' }]);
  });

  it('keeps every text as it is, whatever it means to COPY', async () => {
    const names = ['a\tb', 'c\\d', 'e\nf\r', '\\N', '', '\\.', '🏃 "x"', "o'c"];
    const database = await shared.fresh();
    const odd = names.map((lastName, index) => runner(`${index}`, { lastName, club: lastName }));
    await database.applySetup(rowsOf(setupOf(ALL_TEN), rosterOf(odd)));
    const held = 'SELECT last_name, club FROM participants ORDER BY bib';
    expect(await shared.rows(held)).toEqual(names.map((name) => ({ last_name: name, club: name })));
  });

  it('keep what readers’ clocks were off, for results where there is no document', async () => {
    const database = await shared.fresh();
    const epochOffsets = new Map([[pairKey(StreamId.parse('a.b'), 2), -90_500]]);
    await database.applySetup(setupRows({ ...EMPTY_SETUP, epochOffsets }, EMPTY_ROSTER, [], null));
    expect(await shared.rows('SELECT stream_id, epoch, offset_ms FROM clock_offsets')).toEqual([
      { stream_id: 'a.b', epoch: 2, offset_ms: -90_500 },
    ]);
    const held = setupRows({ ...EMPTY_SETUP, epochOffsets }, EMPTY_ROSTER, [], null);
    expect(setupFromRows((table) => held[table]).setup.epochOffsets).toEqual(epochOffsets);
  });

  it('names epochs, also those that the relay has not told of', async () => {
    const database = await shared.fresh();
    const named = (name: string) => ({ ...NO_SETUP, epochNames: [{ stream_id: 'a.b', epoch: 1, name }] });
    await database.applySetup(named('heat 1'));
    await database.applySetup(named('heat 2'));
    expect(await shared.rows('SELECT name FROM epochs')).toEqual([{ name: 'heat 2' }]);
    await database.applySetup(NO_SETUP);
    expect(await shared.rows('SELECT name FROM epochs')).toEqual([{ name: null }]);
  });
});
