import { ok } from '@baton/schema/result';
import { expect, it } from 'vitest';
import type { Command } from '../../src/live/consumer.ts';
import type { Dispatcher } from '../../src/live/dispatcher.ts';
import { oneAtATime } from '../../src/live/one-at-a-time.ts';

const never = new AbortController().signal;
const command = (key: string): Command => ({ key, type: 't', payload: null });

/** Runs until the test lets it end. */
const scripted = () => {
  const running: string[] = [];
  const begun: string[] = [];
  const ends = new Map<string, (fail: boolean) => void>();
  const dispatch: Dispatcher = ({ key }) =>
    new Promise((resolve, reject) => {
      running.push(key);
      begun.push(key);
      ends.set(key, (fail) => {
        running.splice(running.indexOf(key), 1);
        if (fail) reject(new Error('a defect'));
        else resolve(ok(undefined));
      });
    });
  return { dispatch, running, begun, end: (key: string, fail = false) => ends.get(key)?.(fail) };
};

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

it('[EF-13] runs commands of one key one after the other, those of others side by side', async () => {
  const { dispatch, running, begun, end } = scripted();
  const run = oneAtATime(dispatch);
  const outcomes = [
    run(command('a'), never),
    run(command('a'), never),
    run(command('b'), never),
    run(command('a'), never),
  ];
  await turns();
  expect(running).toEqual(['a', 'b']);
  end('a');
  await turns();
  expect(running).toEqual(['b', 'a']);
  end('b');
  end('a');
  await turns();
  expect(running).toEqual(['a']);
  end('a');
  expect((await Promise.all(outcomes)).every((it) => it.ok)).toBe(true);
  expect(begun).toEqual(['a', 'b', 'a', 'a']);
});

it('goes on behind one that threw, which only its own caller hears of', async () => {
  const { dispatch, end, running } = scripted();
  const run = oneAtATime(dispatch);
  const first = run(command('a'), never).then(
    () => 'done',
    () => 'threw',
  );
  const second = run(command('a'), never);
  await turns();
  end('a', true);
  expect(await first).toBe('threw');
  await turns();
  expect(running).toEqual(['a']);
  end('a');
  expect(await second).toEqual(ok(undefined));
});
