import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createApi, textOf } from '@baton/testkit/api';
import type { Program } from '@baton/testkit/programs';
import { batonArguments, type PrintedCommand, shellBlocks } from '@baton/testkit/shell-lines';
import { expect, it } from 'vitest';
import { startEmulator } from './support/nodes.ts';
import { freePort } from './support/ports.ts';
import { readsIn, recording } from './support/recorded.ts';
import { connectScoring } from './support/scoring-client.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const RECORDING = 'made-100-reads.txt';

const guide = (): readonly PrintedCommand[] =>
  shellBlocks(readFileSync(fileURLToPath(new URL('../docs/guide.md', import.meta.url)), 'utf8'));

/** Somebody who types what a page prints, line by line, with what they were told in the place of what stands for it. */
const createTypist = (stage: Stage, page: readonly PrintedCommand[]) => {
  const folder = stage.folder('desk');
  const env: Record<string, string> = { BATON_PORT: '0' };
  const known = new Map<string, string>();
  const lines = [...page];

  const filled = (word: string): string => {
    let text = word;
    for (const [stands, value] of known) text = text.replaceAll(stands, value);
    if (/<[a-z ]+>/i.test(text)) throw new Error(`the page asks for ${text}, and nobody was told that`);
    return text;
  };

  /** The next line, which must begin so. */
  const next = (begins: string): readonly string[] => {
    const command = lines.shift();
    const words = command === undefined ? [] : (batonArguments(command) ?? command.words);
    const typed = words.map(filled);
    if (!typed.join(' ').startsWith(begins))
      throw new Error(`expected '${begins} …' in line ${command?.line} of the page, found '${words.join(' ')}'`);
    return typed;
  };

  return {
    learn: (stands: string, value: string | undefined): void => void known.set(stands, value ?? ''),
    left: () => lines.map(({ words }) => words.join(' ')),
    setVariable: (): void => {
      const [name = '', value = ''] = (next('export ')[1] ?? '').split('=', 2);
      env[name] = value;
    },
    /** What goes on until the story ends; it has said its first line. */
    start: async (begins: string): Promise<Program> => {
      const program = stage.start(next(begins), env, folder);
      await program.line(/./);
      return program;
    },
    /** What ends by itself, and must end well; its first line. */
    run: async (begins: string): Promise<string> => {
      const program = stage.start(next(begins), env, folder);
      const { code } = await program.exited;
      expect(code, `${begins}: ${program.stderr().join('\n')}`).toBe(0);
      return program.stdout()[0] ?? '';
    },
  };
};

it('the guide, typed line by line, takes a race from nothing to the scoring desk', async () => {
  const stage = createStage();
  const typist = createTypist(stage, guide());
  const reads = readsIn(RECORDING);

  const relay = await typist.start('relay ');
  const url = (await relay.line(/^listening (\S+)$/))[1] ?? '';
  typist.learn('http://127.0.0.1:8787', url);
  typist.learn('<admin token>', (await relay.line(/^admin token: (\S+)$/))[1]);
  typist.setVariable();
  typist.setVariable();
  const eventId = await typist.run('event create ');
  typist.learn('<event id>', eventId);
  typist.setVariable();
  const operator = await typist.run('token create --role operator');
  typist.learn('<operator token>', operator);
  typist.learn('<forwarder token>', await typist.run('token create --role forwarder'));
  typist.learn('<receiver token>', await typist.run('token create --role receiver'));
  expect(await typist.run('event status ')).toBe('startlist');

  // what is done on a page in between: a race, and whose reads are its
  const api = createApi(url, operator);
  const raceId = textOf(await api.must('POST', `/events/${eventId}/races`, { name: '10 km' }), 'raceId');
  typist.learn('<raceId>', raceId);

  const mats = ['192.168.1.10:10000', '192.168.1.11:10000'];
  for (const stands of mats) {
    const { address } = await startEmulator(stage, ['--reads', recording(RECORDING), '--rate', '500']);
    typist.learn(stands, address);
  }
  await typist.start('forward ');
  for (const streamId of ['mat-1.start', 'mat-1.finish']) {
    await until(`${streamId} can be given to the race`, async () => {
      const { status } = await api.call('PUT', `/streams/${streamId}/epochs/1/race`, { raceId });
      return status < 300;
    });
  }

  const [scoring, control] = [await freePort(), await freePort()];
  typist.learn('10100', String(scoring));
  typist.learn('127.0.0.1:7070', `127.0.0.1:${control}`);
  await typist.start('receive ');
  const client = await connectScoring(scoring, stage.onEnd);
  await until('scoring software has every line of the finish', () => client.lines() >= reads.length);
  expect(client.bytes().toString('latin1')).toBe(reads.map((line) => `${line}\r\n`).join(''));

  await typist.start('watch ');
  expect(typist.left()).toEqual([]);

  const publicly = await createApi(url, null).must('GET', `/events/${eventId}`);
  expect(textOf(publicly, 'title')).toBe('Harbour run');
});
