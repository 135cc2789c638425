import type { Clock, Timer, Timers } from '@baton/schema/ports';
import type { PairKey } from '@baton/schema/reads';
import type { Checkpoint } from './checkpoint.ts';
import type { Command, LiveItem, ProcessManager, Reaction, TickItem } from './consumer.ts';
import { createJobQueue } from './job-queue.ts';
import { describeItem, type ItemRun, newReadsOf, type Reporter, type Runner } from './runner.ts';
import { trackUnsaved } from './unsaved-state.ts';

/** What became of a command. `interrupted`: the process is ending; it must be tried again by the next. */
export type CommandOutcome = 'done' | 'dead' | 'interrupted';

export interface ProcessDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly reporter: Reporter;
  /** Runs a command to its end: done, or kept as a dead letter on disk. Only `interrupted` leaves it open. */
  readonly perform: (manager: string, command: Command, signal: AbortSignal) => Promise<CommandOutcome>;
  /** Whether history has been told: until then silence means nothing. */
  readonly isLive: () => boolean;
}

type Job =
  | { readonly type: 'reads'; readonly run: ItemRun; readonly done: () => void }
  | { readonly type: 'item'; readonly item: LiveItem | TickItem }
  | { readonly type: 'mark'; readonly reached: () => void };

/** Commands of one item; more is taken for a defect of the manager. */
const MAX_COMMANDS = 1000;

const checkCommands = (commands: readonly Command[]): void => {
  if (commands.length > MAX_COMMANDS)
    throw new RangeError(`${commands.length} commands at once; expected at most ${MAX_COMMANDS}`);
  for (const { key } of commands) {
    if (key.length === 0 || key.length > 512) throw new RangeError('a command’s key must have 1–512 characters');
  }
};

/**
 * Reacts to one item after the other. The state and the clock are those of the last item whose commands have all been
 * performed, so a checkpoint may be taken at any time and never says more than is so.
 */
export const runProcess = <S>(manager: ProcessManager<S>, from: Checkpoint<S> | null, deps: ProcessDeps): Runner => {
  const { reporter } = deps;
  const ending = new AbortController();
  let state = from?.state ?? manager.initial();
  let clock: ReadonlyMap<PairKey, number> = new Map(from?.clock);
  let waitsFor: string | null = null;
  let skipped = 0;
  let ticking: Timer | null = null;
  const unsaved = trackUnsaved(manager, () => ({ state, clock }), from !== null);

  const react = (item: LiveItem | TickItem): Reaction<S> => {
    try {
      const reaction = manager.react(state, item);
      checkCommands(reaction.commands);
      return reaction;
    } catch (error) {
      skipped++;
      reporter.onSkipped(manager.name, describeItem(item), error);
      return { state, commands: [] };
    }
  };

  /** False: interrupted, so the item is not done. */
  const performAll = async (commands: readonly Command[]): Promise<boolean> => {
    for (const command of commands) {
      waitsFor = `${command.type} ${command.key}`;
      const outcome = await deps.perform(manager.name, command, ending.signal);
      waitsFor = null;
      if (outcome === 'interrupted') return false;
    }
    return true;
  };

  const settle = (reaction: Reaction<S>): void => {
    state = reaction.state;
    unsaved.changed();
  };

  const takeItem = async (item: LiveItem | TickItem): Promise<boolean> => {
    const reaction = react(item);
    if (reaction.commands.length > 0 && !(await performAll(reaction.commands))) return false;
    settle(reaction);
    return true;
  };

  const takeRun = async (run: ItemRun): Promise<boolean> => {
    const found = newReadsOf(clock, run);
    if (found.type === 'gap') reporter.onGap(manager.name, found.message);
    if (found.type !== 'new') return true;
    const raised = new Map(clock);
    for (const item of found.items) {
      if (ending.signal.aborted) return false;
      const reaction = react(item);
      if (reaction.commands.length > 0 && !(await performAll(reaction.commands))) return false;
      settle(reaction);
      raised.set(found.key, item.seq);
      // what was performed must be in the clock before anything else can take a checkpoint
      clock = raised;
    }
    return true;
  };

  const takeJob = async (job: Job): Promise<boolean> => {
    if (job.type === 'item') return takeItem(job.item);
    if (job.type === 'mark') {
      job.reached();
      return true;
    }
    if (!(await takeRun(job.run))) return false;
    job.done();
    return true;
  };

  const queue = createJobQueue(takeJob);

  /** Who waits for a mark that will not be reached waits no longer. */
  const clear = (): void => {
    for (const job of queue.clear()) if (job.type === 'mark') job.reached();
  };

  const stop = async (): Promise<void> => {
    ending.abort();
    ticking?.clear();
    clear();
    await queue.stop();
  };

  if (manager.tickMs !== undefined) {
    // a tick that finds the one before unfinished is left out: it would say the same
    ticking = deps.timers.every(manager.tickMs, () => {
      if (queue.isIdle() && deps.isLive()) queue.add({ type: 'item', item: { type: 'tick', now: deps.clock.now() } });
    });
  }

  return {
    name: manager.name,
    clock: () => clock,
    takeReads: (run, done) => queue.add({ type: 'reads', run, done }),
    takeSetup: (item) => queue.add({ type: 'item', item }),
    drained: () =>
      new Promise((reached) => {
        if (ending.signal.aborted) reached();
        else queue.add({ type: 'mark', reached });
      }),
    clear,
    stop,
    unsaved: unsaved.take,
    status: () => ({ name: manager.name, clock: new Map(clock), skipped, waitsFor }),
  };
};
