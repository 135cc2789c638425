import { CommandFailure, type CommandSpec, UsageError } from '@baton/schema/command';
import { err } from '@baton/schema/result';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run-command.ts';

const specThat = (run: CommandSpec['run']): CommandSpec => ({ name: 'work hard', summary: 'works', options: [], run });

const runTyped = async (run: CommandSpec['run'], argv = ['work', 'hard'], env: Record<string, string> = {}) => {
  const out: string[] = [];
  const said: string[] = [];
  const code = await runCommand([specThat(run)], {
    argv,
    env,
    readText: () => err('no files here'),
    version: '1.2.3',
    print: (text) => out.push(text),
    out: (line) => out.push(line),
    err: (line) => said.push(line),
    stopped: new Promise(() => {}),
  });
  return { code, out, err: said };
};

describe('exit codes', () => {
  it('0 when the command is done, its results on stdout', async () => {
    const ended = await runTyped(async (_options, _args, io) => io.out('result'));
    expect(ended).toEqual({ code: 0, out: ['result'], err: [] });
  });

  it('0 for help and version', async () => {
    expect(await runTyped(async () => {}, ['--version'])).toEqual({ code: 0, out: ['1.2.3\n'], err: [] });
    expect((await runTyped(async () => {}, ['work', '--help'])).code).toBe(0);
  });

  it('2 and one line for what was typed wrongly', async () => {
    const { code, err, out } = await runTyped(async () => {}, ['--bogus']);
    expect({ code, lines: err.length, out }).toEqual({ code: 2, lines: 1, out: [] });
  });

  it('2 and one line for a value that the command refuses', async () => {
    const ended = await runTyped(async () => {
      throw new UsageError('--port: expected a whole number\nfrom 0 to 65535, got "x"');
    });
    expect(ended.code).toBe(2);
    expect(ended.err).toEqual(['baton work hard: --port: expected a whole number from 0 to 65535, got "x"']);
  });

  it('1 and one line when the command cannot do its work', async () => {
    const ended = await runTyped(async () => {
      throw new CommandFailure('port 8787 is in use; choose another with --port');
    });
    expect(ended.code).toBe(1);
    expect(ended.err).toEqual(['baton work hard: port 8787 is in use; choose another with --port']);
  });

  it('1 and one line for a defect, the stack only at debug', async () => {
    const defect = async (): Promise<void> => {
      throw new TypeError('x is not\na function');
    };
    const quiet = await runTyped(defect);
    expect(quiet.code).toBe(1);
    expect(quiet.err).toEqual([
      'baton work hard: unexpected error: TypeError: x is not a function (a defect; BATON_LOG_LEVEL=debug shows the stack)',
    ]);
    const loud = await runTyped(defect, undefined, { BATON_LOG_LEVEL: 'debug' });
    expect(loud.err.join('\n')).toContain('run-command.test.ts');
  });
});
