import { err, ok, type Result } from '@baton/schema/result';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createBackgroundWork } from '../../src/replica/background-work.ts';
import type { ProjectStep } from '../../src/replica/projection.ts';
import type { Lost } from '../../src/replica/replica.ts';
import type { VerifyStep } from '../../src/replica/seal-check.ts';

const MORE = ok({ type: 'more' } as const);
const CHANGED = ok({ type: 'current', changed: true } as const);
const IDLE = ok({ type: 'idle' } as const);
const LOST = err<Lost>({ type: 'lost', message: 'reopening' });

/** Work whose steps are answered from a list, then with `CHANGED` and `IDLE`; each takes `stepMs`. */
const stage = (stepMs = 0) => {
  const time = createVirtualTime();
  const project: Result<ProjectStep, Lost>[] = [];
  const verify: Result<VerifyStep, Lost>[] = [];
  const calls: string[] = [];
  const history = { missing: 0 };
  /** What was missing at each step of preparing; every second one is the last. */
  const prepared: number[] = [];
  let underWay = 0;
  const answer = async <T>(name: string, list: T[], otherwise: T): Promise<T> => {
    calls.push(name);
    expect(++underWay).toBe(1);
    if (stepMs > 0) await new Promise<void>((resolve) => time.timers.after(stepMs, resolve));
    underWay--;
    return list.shift() ?? otherwise;
  };
  const work = createBackgroundWork({
    timers: time.timers,
    missing: async () => ok(history.missing),
    prepare: async () => {
      prepared.push(history.missing);
      return ok(prepared.length % 2 === 1);
    },
    project: () => answer<Result<ProjectStep, Lost>>('project', project, CHANGED),
    verify: () => answer<Result<VerifyStep, Lost>>('verify', verify, IDLE),
    tidy: () => answer<Result<boolean, Lost>>('tidy', [], ok(false)),
    onResults: () => calls.push('results'),
    onChecked: ({ match }) => calls.push(`match ${match}`),
  });
  const take = (): readonly string[] => calls.splice(0);
  return { time, project, verify, history, prepared, work, take };
};

describe('what a replica does besides what it is asked', () => {
  it('begins soon after a kick, for all kicks together: results, then the comparison, then care of the tables', async () => {
    const { time, project, verify, work, take } = stage();
    project.push(MORE);
    verify.push(MORE, ok({ type: 'checked', streamId: 'a.b' as never, epoch: 1, match: false }));
    work.kick();
    work.kick();
    await time.advanceAsync(19);
    expect(take()).toEqual([]);
    await time.advanceAsync(1);
    expect(take()).toEqual(['project', 'project', 'results', 'verify', 'verify', 'match false', 'verify', 'tidy']);
    await time.advanceAsync(100_000);
    expect(take()).toEqual([]);
    work.kick();
    await time.advanceAsync(20);
    expect(take()).toContain('project');
    work.kick(); // within the rest
    await time.advanceAsync(90);
    expect(take()).toEqual([]);
    await time.advanceAsync(10);
    expect(take()).toContain('project');
    work.close();
  });

  it('runs again after a kick while it ran, and rests twice as long as it worked', async () => {
    const { time, work, take } = stage(500);
    work.kick();
    await time.advanceAsync(100);
    work.kick();
    await time.advanceAsync(920); // it ends after 1020 ms: care is left out where more is to be done
    expect(take()).toEqual(['project', 'results', 'verify']);
    await time.advanceAsync(1990);
    expect(take()).toEqual([]);
    await time.advanceAsync(20);
    expect(take()).toEqual(['project']);
    work.close();
  });

  it('waits for history that is on its way, begins once it is held, and when it has stopped coming', async () => {
    const { time, history, prepared, work, take } = stage();
    history.missing = 50_000;
    for (let commits = 0; commits < 20; commits++) {
      work.kick();
      await time.advanceAsync(300);
    }
    expect(take()).toEqual([]);
    expect(prepared).toEqual(Array.from({ length: 40 }, () => 50_000)); // meanwhile
    history.missing = 0;
    work.kick();
    await time.advanceAsync(20);
    expect(take()).toContain('project');
    await time.advanceAsync(1000);
    history.missing = 50_000;
    work.kick();
    await time.advanceAsync(2010);
    expect(take()).toEqual([]);
    await time.advanceAsync(20);
    expect(take()).toContain('project');
    work.close();
  });

  it('does not wait for history for longer than ten seconds', async () => {
    const { time, history, work, take } = stage();
    history.missing = 900_000;
    const reads = time.timers.every(300, work.kick);
    await time.advanceAsync(9900);
    expect(take()).toEqual([]);
    await time.advanceAsync(1000);
    expect(take().filter((it) => it === 'project')).toHaveLength(1);
    await time.advanceAsync(9000);
    expect(take()).toEqual([]);
    reads.clear();
    work.close();
  });

  it('goes on comparing, a few steps at a time, where reads never cease', async () => {
    const { time, project, verify, work, take } = stage(1);
    verify.push(...Array.from({ length: 20 }, () => MORE));
    const reads = time.timers.every(1, work.kick);
    await time.advanceAsync(3000);
    reads.clear();
    expect(take().filter((it) => it === 'verify').length).toBeGreaterThan(20);
    expect([project, verify]).toEqual([[], []]);
    work.close();
  });

  it('tries again at growing intervals when a step fails, and is itself again after a success', async () => {
    const { time, project, work, take } = stage();
    project.push(LOST, LOST, LOST);
    const began: number[] = [];
    const from = time.timers.mono();
    work.kick();
    for (let steps = 0; steps < 100; steps++) {
      await time.advanceAsync(100);
      if (take().includes('project')) began.push(time.timers.mono() - from);
    }
    expect(began).toEqual([100, 1100, 3100, 7100]);
    work.close();
  });

  it('does nothing more once it is closed', async () => {
    const { time, project, work, take } = stage(10);
    project.push(...Array.from({ length: 1000 }, () => MORE));
    work.kick();
    await time.advanceAsync(300);
    work.close();
    await time.advanceAsync(20);
    take();
    work.kick();
    await time.advanceAsync(10_000);
    expect(take()).toEqual([]);
  });
});
