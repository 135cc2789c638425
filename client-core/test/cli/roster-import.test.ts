import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure, type OptionValues } from '@baton/schema/command';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rosterImportCommand } from '../../src/cli/roster-command.ts';

/** What a relay is asked and answers: the route itself is tested where it is made. */
const answering = async (status: number, body: object) => {
  const asked: { url: string; type: string; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({
        url: request.url ?? '',
        type: request.headers['content-type'] ?? '',
        body: Buffer.concat(chunks),
      });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const relay = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { relay, asked, close: () => new Promise((resolve) => server.close(resolve)) };
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-list-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (options: OptionValues, file: string): Promise<readonly string[]> => {
  const lines: string[] = [];
  const io = { out: (line: string) => lines.push(line), err: () => {}, stopped: new Promise<void>(() => {}) };
  await rosterImportCommand.run({ token: 't', event: 'e', ...options }, [file], io);
  return lines;
};

describe('baton roster import', () => {
  it('[RT-42] sends the file as its bytes are, with what was said of it, and prints how many lines it has', async () => {
    const server = await answering(200, { imported: 1 });
    const file = join(folder, 'people.ppl');
    const bytes = Buffer.from([0x31, 0x2c, 0xfc, 0x2c, 0x41]);
    await writeFile(file, bytes);
    expect(await run({ relay: server.relay, race: 'r 1', kind: 'participants', mode: 'merge' }, file)).toEqual(['1']);
    await server.close();
    expect(server.asked).toEqual([
      {
        url: '/api/v1/events/e/roster?kind=participants&raceId=r+1&mode=merge',
        type: 'application/octet-stream',
        body: bytes,
      },
    ]);
  });

  it('names every bad line in one line', async () => {
    const problems = [
      { line: 2, message: 'bib is empty' },
      { line: 5, message: 'expected sex F, M or X, got "Q"' },
    ];
    const details = { lines: [2, 5], problems, more: 3 };
    const server = await answering(400, { code: 'BAD_REQUEST', message: 'nothing was imported', details });
    const file = join(folder, 'people.csv');
    await writeFile(file, 'x');
    await expect(run({ relay: server.relay }, file)).rejects.toThrow(
      new CommandFailure(
        'nothing was imported; line 2: bib is empty; line 5: expected sex F, M or X, got "Q"; and 3 more',
      ),
    );
    await server.close();
  });

  it('says what helps where the relay cannot be reached', async () => {
    const file = join(folder, 'people.csv');
    await writeFile(file, 'bib,name\n1,A\n');
    const server = await answering(200, { imported: 1 });
    await server.close();
    await expect(run({ relay: server.relay }, file)).rejects.toThrow(/cannot be reached: .*; check .*--relay/);
  });

  it('says which file it cannot read', async () => {
    await expect(run({ relay: 'http://127.0.0.1:1' }, join(folder, 'none'))).rejects.toThrow(
      /cannot read the list: .*none/,
    );
  });
});
