import { silentLog } from '@baton/schema/ports';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHealingDatabase } from '../../src/replica/healing-database.ts';
import type { Call } from '../../src/replica/pglite-calls.ts';
import { startPgliteThread } from '../../src/replica/pglite-thread.ts';
import { servePglite } from '../../src/replica/serve-pglite.ts';
import type { OpenWorker } from '../../src/replica/worker-port.ts';
import { openShared, type SharedDatabase } from './open-in-memory.ts';
import { ALL_TEN, rosterOf, rowsOf, runner, setupOf } from './race-stage.ts';
import { realTimers } from './real-timers.ts';

let shared: SharedDatabase;
beforeAll(async () => {
  shared = await openShared();
}, 120_000);
afterAll(() => shared.close());

/** What Postgres says when a file cannot grow. */
const FILL_DISK = `
  CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
  CREATE TRIGGER no_space BEFORE INSERT ON races FOR EACH ROW EXECUTE FUNCTION no_space()`;
const FREE_DISK = 'DROP TRIGGER no_space ON races; DROP FUNCTION no_space()';

/** The real serving of a real PGlite, in this process. */
const openHere: OpenWorker = (_, { onMessage }) => {
  let hear: (call: Call) => void = () => {};
  const say = (message: Parameters<typeof onMessage>[0]): void => void setImmediate(() => onMessage(message));
  void servePglite({ say, onCall: (listener) => (hear = listener) }, async () => shared.db);
  return { post: (call) => hear(call), end: async () => {} };
};

it('[P28] a call that finds no space is rolled back, and the database is not opened again for it', async () => {
  const deps = { timers: realTimers, openWorker: openHere, limits: { openMs: 60_000, callMs: 60_000 } };
  const open = () => startPgliteThread(deps, { directory: 'here' });
  const first = await open();
  if (!first.ok) throw new Error(first.error.message);
  let opens = 1;
  const reopen = () => {
    opens++;
    return open();
  };
  const database = createHealingDatabase(
    { timers: realTimers, log: silentLog, open: reopen, isFull: async () => false },
    first.value,
  );
  const setup = rowsOf(setupOf(ALL_TEN), rosterOf([runner('1')]));
  await shared.db.exec(FILL_DISK);
  const refused = await database.ask('applySetup', setup);
  expect(refused).toEqual({ ok: false, error: { type: 'lost', message: 'no space is left for the database' } });
  await shared.db.exec(FREE_DISK);
  expect(await database.ask('applySetup', setup)).toMatchObject({ ok: true });
  expect(await shared.rows('SELECT count(*)::int AS races FROM races')).toEqual([{ races: 2 }]);
  expect(opens).toBe(1);
});
