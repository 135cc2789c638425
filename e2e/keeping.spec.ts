import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createEvent, type Event } from './support/event.ts';
import { ADMIN_TOKEN, startRelay } from './support/nodes.ts';
import { openRelayFiller } from './support/relay-filler.ts';
import { createStage, type Stage } from './support/stage.ts';

interface Ran {
  readonly code: number | null;
  readonly out: readonly string[];
  readonly err: string;
}

/** Runs a command of `baton` to its end. */
const run = async (stage: Stage, args: readonly string[]): Promise<Ran> => {
  const program = stage.start(args);
  const { code } = await program.exited;
  return { code, out: program.stdout(), err: program.stderr().join('\n') };
};

const exportOf = async (url: string, token: string, streamId: string): Promise<string> => {
  const answer = await fetch(`${url}/api/v1/streams/${streamId}/export.txt`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return answer.text();
};

/** A relay with a race, a roster and some thousand reads. */
const filledRelay = async (stage: Stage) => {
  const relay = await startRelay(stage);
  const event: Event = await createEvent(relay.url);
  await event.race('10 km');
  const roster = `${relay.url}/api/v1/events/${event.eventId}/roster`;
  const body = ['bib,name,chip', '1,Ann,058000000001', '2,Bo,058000000002'].join('\n');
  const imported = await fetch(roster, {
    method: 'POST',
    headers: { authorization: `Bearer ${event.operatorToken}` },
    body,
  });
  expect(imported.status).toBe(200);
  const results = [{ raceId: await event.race('5 km'), bib: '1', timeMs: 1_000_000 }];
  for (const status of ['startlist', 'running'])
    await event.operator.must('PATCH', `/events/${event.eventId}/status`, { status });
  await event.operator.must('POST', `/events/${event.eventId}/ingest/results`, { results });
  const filler = await openRelayFiller(relay.url, {
    eventId: event.eventId,
    nodeId: 'mat-1',
    token: await event.token('forwarder', 'mat-1'),
  });
  stage.onEnd(filler.close);
  await filler.add(5000);
  return { relay, event, filler };
};

const backupArgs = (url: string, directory: string, token = ADMIN_TOKEN) => [
  'backup',
  directory,
  '--relay',
  url,
  '--token',
  token,
];

describe('a backup', () => {
  it('[P1] taken while reads come holds all that were acked before it began, and comes back byte for byte', async () => {
    const stage = createStage();
    const { relay, event, filler } = await filledRelay(stage);
    const directory = join(stage.folder('backup'), 'first');
    const before = filler.count();
    const [made] = await Promise.all([run(stage, backupArgs(relay.url, directory)), filler.add(20_000)]);
    expect(made).toMatchObject({ code: 0, out: [expect.stringMatching(/^backup \S+ \d+ bytes$/)] });
    expect(readdirSync(directory).sort()).toEqual(['manifest.json', 'relay.db']);
    expect(readdirSync(relay.dataDir).filter((name) => name.startsWith('backup-'))).toEqual([]);

    const dataDir = join(stage.folder('restored'), 'new');
    expect(await run(stage, ['restore', directory, '--data-dir', dataDir])).toMatchObject({ code: 0 });
    const examined = await run(stage, ['doctor', '--data-dir', dataDir]);
    expect(examined).toMatchObject({ code: 0 });
    expect(examined.out.at(-1)).toBe('ok');

    const again = await startRelay(stage, { dataDir });
    const [was, is] = [
      await exportOf(relay.url, event.operatorToken, filler.streamId),
      await exportOf(again.url, event.operatorToken, filler.streamId),
    ];
    const lines = is.split('\n').length - 1;
    expect(lines).toBeGreaterThanOrEqual(before);
    expect(was.startsWith(is)).toBe(true);
    const races = async (url: string) => (await fetch(`${url}/api/v1/events/${event.eventId}/races`)).json();
    expect(await races(again.url)).toEqual(await races(relay.url));
  });

  it('[P15] is the admin’s alone, and goes into no directory that holds something', async () => {
    const stage = createStage();
    const { relay, event } = await filledRelay(stage);
    const directory = stage.folder('backup');
    const refused = await run(stage, backupArgs(relay.url, join(directory, 'x'), event.operatorToken));
    expect(refused).toMatchObject({ code: 1, out: [] });
    expect(refused.err).toContain('FORBIDDEN');
    expect((await fetch(`${relay.url}/api/v1/backup`)).status).toBe(401);
    writeFileSync(join(directory, 'something'), '');
    const full = await run(stage, backupArgs(relay.url, directory));
    expect(full).toMatchObject({ code: 1 });
    expect(full.err).toContain('expected an empty directory');
    expect((await run(stage, ['backup', '--relay', relay.url, '--token', ADMIN_TOKEN])).code).toBe(2);
  });

  it('that is not whole is not restored, nor over anything', async () => {
    const stage = createStage();
    const { relay } = await filledRelay(stage);
    const directory = join(stage.folder('backup'), 'first');
    await run(stage, backupArgs(relay.url, directory));
    const [taken, broken, cut] = [
      stage.folder('taken'),
      join(stage.folder('copies'), 'broken'),
      join(stage.folder('copies'), 'cut'),
    ];
    writeFileSync(join(taken, 'relay.db'), 'somebody’s');
    const over = await run(stage, ['restore', directory, '--data-dir', taken]);
    expect([over.code, readFileSync(join(taken, 'relay.db'), 'utf8')]).toEqual([1, 'somebody’s']);
    for (const folder of [broken, cut]) mkdirSync(folder);
    copyFileSync(join(directory, 'relay.db'), join(cut, 'relay.db'));
    const unfinished = await run(stage, ['restore', cut, '--data-dir', join(stage.folder('r'), 'a')]);
    expect(unfinished.err).toContain('manifest.json');
    for (const name of readdirSync(directory)) copyFileSync(join(directory, name), join(broken, name));
    const bytes = readFileSync(join(broken, 'relay.db'));
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    writeFileSync(join(broken, 'relay.db'), bytes);
    const dataDir = join(stage.folder('r'), 'b');
    const damaged = await run(stage, ['restore', broken, '--data-dir', dataDir]);
    expect([damaged.code, readdirSync(dataDir)]).toEqual([1, []]);
  });
});

describe('an event', () => {
  it('[P1] goes to another relay as one file; sealed epochs of an official one leave for a file and come back', async () => {
    const stage = createStage();
    const { relay, event, filler } = await filledRelay(stage);
    const folder = stage.folder('files');
    const [first, second, epochs] = ['first', 'second', 'epochs'].map((name) => join(folder, `${name}.baton.gz`));
    const at = (url: string) => ['--relay', url, '--token', ADMIN_TOKEN];
    const must = async (args: readonly (string | undefined)[]): Promise<readonly string[]> => {
      const { code, out, err } = await run(stage, args.map(String));
      expect([args, code, err]).toEqual([args, 0, '']);
      return out;
    };
    filler.seal();
    await expect
      .poll(async () => JSON.stringify(await event.operator.must('GET', `/streams/${filler.streamId}/epochs`)), {
        timeout: 60_000,
      })
      .toContain('"sealed":true');
    for (const status of ['finished', 'official'])
      await event.operator.must('PATCH', `/events/${event.eventId}/status`, { status });

    const [told] = await must(['event', 'export', event.eventId, first, ...at(relay.url)]);
    expect(told).toMatch(/^exported \S+ 2 epochs 5000 reads sha256 [0-9a-f]{64}$/);
    const other = await startRelay(stage);
    expect(await must(['event', 'import', first, ...at(other.url)])).toEqual([
      `imported ${event.eventId} event 2 epochs 5000 reads`,
    ]);
    await must(['event', 'export', event.eventId, second, ...at(other.url)]);
    expect(readFileSync(String(second)).equals(readFileSync(String(first)))).toBe(true);
    const twice = await run(stage, ['event', 'import', String(first), ...at(other.url)]);
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('EVENT_EXISTS')]);
    const over = await run(stage, ['event', 'export', event.eventId, String(first), ...at(other.url)]);
    expect([over.code, over.err]).toEqual([1, expect.stringContaining('nothing is overwritten')]);

    const before = await exportOf(relay.url, event.operatorToken, filler.streamId);
    const archived = await must(['archive', event.eventId, epochs, ...at(relay.url)]);
    expect(archived[1]).toMatch(/^dropped 5000 reads at the relay/);
    expect(await exportOf(relay.url, event.operatorToken, filler.streamId)).toContain('EPOCH_ARCHIVED');
    await must(['event', 'import', epochs, ...at(relay.url)]);
    expect(await exportOf(relay.url, event.operatorToken, filler.streamId)).toBe(before);

    await other.program.end('SIGTERM');
    const repaired = await must(['doctor', '--repair', '--data-dir', other.dataDir]);
    expect([repaired[0], repaired.at(-1)]).toEqual(['nothing to repair', 'ok']);
  });
});

/** Flips a bit in one value, as a disk does that nobody notices. */
const flip = (dataDir: string, table: string, key: string): void => {
  const db = new Database(join(dataDir, 'relay.db'));
  const row = db
    .prepare<[], { key: number; bytes: Buffer }>(
      `SELECT ${key} AS key, bytes FROM ${table} ORDER BY length(bytes) DESC LIMIT 1`,
    )
    .get();
  if (row === undefined) throw new Error(`no row in ${table}`);
  const bytes = Buffer.from(row.bytes);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
  db.prepare(`UPDATE ${table} SET bytes = ? WHERE ${key} = ?`).run(bytes, row.key);
  db.close();
};

describe('the doctor', () => {
  it('[P24] finds a flipped bit in each table, says where, and changes nothing', async () => {
    const stage = createStage();
    const { relay } = await filledRelay(stage);
    const inUse = await run(stage, ['doctor', '--data-dir', relay.dataDir]);
    expect([inUse.code, inUse.err]).toEqual([1, expect.stringContaining('is in use')]);
    await relay.program.end('SIGTERM');
    expect((await run(stage, ['doctor', '--data-dir', relay.dataDir])).out.at(-1)).toBe('ok');
    const source = join(relay.dataDir, 'relay.db');
    for (const [table, key, where] of [
      ['batches', 'batch_ref', 'mat-1.mat epoch 1, reads from'],
      ['doc_updates', 'update_ref', 'events/'],
      ['event_facts', 'fact_ref', 'external-result'],
    ] as const) {
      const dataDir = stage.folder(table);
      copyFileSync(source, join(dataDir, 'relay.db'));
      flip(dataDir, table, key);
      const { size, mtimeMs } = statSync(join(dataDir, 'relay.db'));
      const { code, out, err } = await run(stage, ['doctor', '--data-dir', dataDir]);
      expect(code).toBe(1);
      expect(out.filter((line) => line.startsWith(`damaged ${table} `) && line.includes(where)).length).toBeGreaterThan(
        0,
      );
      expect(err).toContain('restore a backup');
      expect(statSync(join(dataDir, 'relay.db'))).toMatchObject({ size, mtimeMs });
    }
  });

  it('[P24] finds reads that are missing, a file that is none, and a directory without one', async () => {
    const stage = createStage();
    const { relay } = await filledRelay(stage);
    await relay.program.end('SIGTERM');
    const db = new Database(join(relay.dataDir, 'relay.db'));
    // whether or not what was received has been compacted by now, one row begins with the first read
    expect(db.prepare('DELETE FROM batches WHERE first_seq = 1').run().changes).toBe(1);
    db.close();
    const missing = await run(stage, ['doctor', '--data-dir', relay.dataDir]);
    expect(missing.out[0]).toMatch(/^damaged batches mat-1\.mat epoch 1, reads from \d+: expected read 1$/);
    const none = stage.folder('none');
    expect((await run(stage, ['doctor', '--data-dir', none])).err).toContain('there is no relay.db');
    writeFileSync(join(none, 'relay.db'), 'x'.repeat(10_000));
    expect((await run(stage, ['doctor', '--data-dir', none])).out[0]).toContain('damaged relay.db');
  });
});
