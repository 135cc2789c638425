import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEvent } from './support/event.ts';
import { startForwarder, startRelay } from './support/nodes.ts';
import { freePort, takenPort } from './support/ports.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

/** A folder that cannot be made, for root neither: its parent is a file. */
const impossibleFolder = (folder: string): string => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  return join(file, 'data');
};

/** Structured log lines may come before; what the person needs is the one plain line. */
const plainLines = (stderr: readonly string[]): readonly string[] => stderr.filter((line) => !line.startsWith('{'));

describe('wrong options end with code 2 and one line', () => {
  it.each([
    [['relay', '--port', 'x'], /--port: expected a whole number/],
    [['relay', '--port', '70000'], /--port: expected a whole number/],
    [['relay', '--prot', '1'], /unknown option '--prot'/],
    [['relay', 'extra'], /too many arguments/],
    [['relais'], /unknown command 'relais'/],
    [['forward'], /--relay .*required/],
    [['forward', '--relay', 'http://127.0.0.1:1', '--token', 't', '--reader', 'nonsense'], /--reader: expected/],
    [['receive', '--relay', 'http://127.0.0.1:1', '--token', 't', '--tcp', 'nonsense'], /--tcp: expected/],
    [
      ['receive', '--relay', 'http://127.0.0.1:1', '--token', 't', '--race', 'r', '--scope', 'some'],
      /--scope: expected/,
    ],
    [['emulate'], /--reads .*required/],
    [['event', 'create'], /required/],
    [['token', 'create', '--role', 'king'], /./],
  ])('%j', async (args, line) => {
    const stage = createStage();
    const program = stage.start(args);
    const { code } = await program.exited;
    expect(plainLines(program.stderr())).toEqual([expect.stringMatching(line)]);
    expect({ code, stdout: program.stdout() }).toEqual({ code: 2, stdout: [] });
  });
});

describe('what cannot be done ends with code 1 and one line', () => {
  const failing = async (
    args: readonly string[],
    stage: ReturnType<typeof createStage>,
    line: RegExp,
  ): Promise<void> => {
    const program = stage.start(args);
    const { code } = await program.exited;
    expect(plainLines(program.stderr())).toEqual([expect.stringMatching(line)]);
    expect({ code, stdout: program.stdout() }).toEqual({ code: 1, stdout: [] });
  };

  it('a relay on a port that is in use', async () => {
    const stage = createStage();
    const port = await takenPort(stage.onEnd);
    await failing(['relay', '--port', String(port), '--data-dir', stage.folder('data')], stage, /in use/);
  });

  it('a relay whose data directory cannot be written', async () => {
    const stage = createStage();
    const folder = impossibleFolder(stage.folder('data'));
    await failing(['relay', '--port', '0', '--data-dir', folder], stage, /data/);
  });

  it('an emulator without its file, or on a port that is in use', async () => {
    const stage = createStage();
    const file = join(stage.folder('reads'), 'absent.txt');
    await failing(['emulate', '--port', '0', '--reads', file], stage, /absent\.txt/);
    writeFileSync(file, '');
    const port = await takenPort(stage.onEnd);
    await failing(['emulate', '--port', String(port), '--reads', file], stage, /./);
  });

  it('a forwarder whose journal cannot be written', async () => {
    const stage = createStage();
    const journal = impossibleFolder(stage.folder('data'));
    const options = ['--relay', 'http://127.0.0.1:1', '--token', 't', '--reader', 'a=127.0.0.1:1'];
    await failing(['forward', ...options, '--journal', journal], stage, /./);
  });

  it('a receiver whose data directory cannot be written, or whose ports are in use', async () => {
    const stage = createStage();
    const options = ['receive', '--relay', 'http://127.0.0.1:1', '--token', 't'];
    await failing([...options, '--data-dir', impossibleFolder(stage.folder('data'))], stage, /./);
    const port = await takenPort(stage.onEnd);
    const dataDir = ['--data-dir', stage.folder('receiver')];
    await failing([...options, ...dataDir, '--control', `127.0.0.1:${port}`], stage, /in use/);
    await failing([...options, ...dataDir, '--tcp', `m.s=${port}`], stage, /in use/);
  });

  it('a forwarder or receiver whose token the relay does not know', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const options = ['--relay', relay.url, '--token', 'unknown-token'];
    const reader = ['--reader', 'a=127.0.0.1:1', '--journal', stage.folder('journal')];
    const forwarder = stage.start(['forward', ...options, ...reader]);
    expect(await forwarder.exited).toMatchObject({ code: 1 });
    expect(plainLines(forwarder.stderr())).toEqual([expect.stringMatching(/token/)]);
    const receiver = stage.start(['receive', ...options, '--data-dir', stage.folder('receiver')]);
    expect(await receiver.exited).toMatchObject({ code: 1 });
    expect(plainLines(receiver.stderr())).toEqual([expect.stringMatching(/token/)]);
  });
});

describe('what may come back is retried and shown', () => {
  it('a reader that is not there yet', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const port = await freePort();
    const forwarder = await startForwarder(stage, {
      relay: relay.url,
      token: await event.token('forwarder', 'mat-1'),
      readers: [`start=127.0.0.1:${port}`],
      journal: stage.folder('journal'),
    });
    await until('the retry is shown', () => forwarder.stderr().some((line) => /reader|connect/i.test(line)));
    const streams = (): Promise<unknown> => event.operator.must('GET', `/streams?eventId=${event.eventId}`);
    await until('the relay knows the reader as not connected', async () =>
      JSON.stringify(await streams()).includes('"readerConnected":false'),
    );
    expect(await forwarder.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('a relay that is not there yet', async () => {
    const stage = createStage();
    const port = await freePort();
    const forwarder = await startForwarder(stage, {
      relay: `http://127.0.0.1:${port}`,
      token: 'some-token',
      readers: ['start=127.0.0.1:1'],
      journal: stage.folder('journal'),
    });
    await until('the retry is shown', () => forwarder.stderr().some((line) => /relay|connect/i.test(line)));
    expect(await forwarder.end('SIGINT')).toEqual({ code: 0, signal: null });
  });
});
