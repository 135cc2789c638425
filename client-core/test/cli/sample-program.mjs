// A program on the real root of the command line, run by run-cli.test.ts as a child process.
import { CommandFailure, UsageError } from '@baton/schema/command';
import { runCli } from '../../dist/cli/run-cli.js';

const spec = (name, run) => ({ name, summary: name, options: [], run });

const commands = [
  spec('wait', async (_options, _args, io) => {
    io.out('waiting');
    const alive = setInterval(() => {}, 1_000);
    await io.stopped;
    clearInterval(alive);
    io.out('ended cleanly');
  }),
  spec('stick', async (_options, _args, io) => {
    io.out('waiting');
    setInterval(() => {}, 1_000);
    await new Promise(() => {});
  }),
  spec('leak', async (_options, _args, io) => {
    setInterval(() => {}, 1_000);
    io.out('done');
  }),
  spec('refuse', async () => {
    throw new UsageError('--port: expected a whole number from 0 to 65535, got "x"');
  }),
  spec('fail', async () => {
    throw new CommandFailure('port 1 is in use; choose another with --port');
  }),
  spec('break later', async () => {
    setTimeout(() => {
      throw new TypeError('late');
    }, 1);
    await new Promise(() => {});
  }),
  spec('reject later', async () => {
    setTimeout(() => void Promise.reject(new Error('nobody waits')), 1);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }),
  spec('flood', async (_options, _args, io) => {
    for (let line = 0; line < 200_000; line++) {
      io.out(`line ${line} of many, long enough to fill the pipe`);
      if (line % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    io.err('flooded');
  }),
];

await runCli(commands, Number(process.env.SAMPLE_STOP_WITHIN_MS ?? 5_000));
