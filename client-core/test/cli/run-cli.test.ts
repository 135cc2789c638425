import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

/** The real root in a real process: what is built is run, so `npm run build` comes first. */
const SAMPLE = fileURLToPath(new URL('./sample-program.mjs', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/cli/run-cli.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly said: (text: string) => Promise<void>;
}

const start = (argv: readonly string[], env: Record<string, string> = {}): Running => {
  if (!existsSync(BUILT)) throw new Error('client-core is not built: run npm run build first');
  const child = spawn(process.execPath, [SAMPLE, ...argv], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (out.includes(text)) resolve();
      };
      child.stdout.on('data', look);
      look();
    });
  return { child, ended, said };
};

const run = (argv: readonly string[], env: Record<string, string> = {}): Promise<Ended> => start(argv, env).ended;

describe('a process on the command line', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 after %s, even when it comes twice', async (signal) => {
    const { child, ended, said } = start(['wait']);
    await said('waiting');
    child.kill(signal);
    child.kill(signal);
    expect(await ended).toEqual({ code: 0, out: 'waiting\nended cleanly\n', err: '' });
  });

  it('is ended by force, with a line and code 1, when it does not end in time', async () => {
    const { child, ended, said } = start(['stick'], { SAMPLE_STOP_WITHIN_MS: '200' });
    await said('waiting');
    child.kill('SIGTERM');
    const { code, err } = await ended;
    expect({ code, err }).toEqual({ code: 1, err: 'baton: did not end within 0.2 s of the signal; ended by force\n' });
  });

  it('ends when the command is done, whatever it left open', async () => {
    expect(await run(['leak'])).toEqual({ code: 0, out: 'done\n', err: '' });
  });

  it('says the version of the package', async () => {
    const { code, out } = await run(['--version']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['refuse'], 2, 'baton refuse: --port: expected a whole number from 0 to 65535, got "x"\n'],
    [['fail'], 1, 'baton fail: port 1 is in use; choose another with --port\n'],
    [['bogus'], 2, /^baton: unknown command 'bogus'[^\n]*\n$/],
    [['break', 'later'], 1, /^baton: unexpected error: TypeError: late[^\n]*\n$/],
    [['reject', 'later'], 1, /^baton: unexpected error: Error: nobody waits[^\n]*\n$/],
  ])('%j ends with code %i and one line', async (argv, code, line) => {
    const ended = await run(argv);
    expect(ended.code).toBe(code);
    if (typeof line === 'string') expect(ended.err).toBe(line);
    else expect(ended.err).toMatch(line);
  });

  it('goes on quietly when nobody reads its results any more', async () => {
    const { child, ended } = start(['flood']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, err } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: 'flooded\n' });
  });
});
