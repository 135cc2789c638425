import { encodeBatch, type Pair } from '@baton/schema/reads';
import type { AppendReply, Store } from '@baton/sync-server/storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesAfter, type OpenStore, OTHER_STREAM, PAIR, rawOf, readOf, withStreams } from './fixtures.ts';

/**
 * Random work on a store against the simplest thing that could be right: a list of lines for each epoch.
 * Positions are relative to the head, so that most commands meet the interesting places.
 */
type Command =
  | {
      readonly type: 'append';
      readonly pair: number;
      readonly offset: number;
      readonly count: number;
      readonly variants: readonly number[];
    }
  | { readonly type: 'read'; readonly pair: number; readonly back: number; readonly maxReads: number }
  | { readonly type: 'reopen' };

const PAIRS: readonly Pair[] = [PAIR, { ...PAIR, epoch: 2 }, { streamId: OTHER_STREAM, epoch: 1 }];

const pairIndex = fc.nat({ max: PAIRS.length - 1 });

const appendCommand = fc.record({
  type: fc.constant('append' as const),
  pair: pairIndex,
  offset: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 3, arbitrary: fc.integer({ min: -12, max: 3 }) },
  ),
  count: fc.integer({ min: 1, max: 12 }),
  variants: fc.oneof(
    { weight: 5, arbitrary: fc.constant([0]) },
    { weight: 1, arbitrary: fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 12 }) },
  ),
});
const readCommand = fc.record({
  type: fc.constant('read' as const),
  pair: pairIndex,
  back: fc.nat({ max: 60 }),
  maxReads: fc.integer({ min: 1, max: 30 }),
});
const commands = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: appendCommand },
    { weight: 4, arbitrary: readCommand },
    { weight: 1, arbitrary: fc.constant<Command>({ type: 'reopen' }) },
  ),
  { minLength: 1, maxLength: 60 },
);

interface Sent {
  readonly firstSeq: number;
  readonly lines: readonly string[];
}

/** The rule in its plainest form; changes the model when it accepts. */
const modelAppend = (model: string[], { firstSeq, lines }: Sent): Partial<AppendReply> => {
  const head = model.length;
  if (firstSeq > head + 1) return { type: 'gap', head, expected: head + 1 };
  const wrong = lines.findIndex((line, index) => firstSeq + index <= head && model[firstSeq + index - 1] !== line);
  if (wrong >= 0) return { type: 'conflict', head, seq: firstSeq + wrong };
  const fresh = lines.slice(head - firstSeq + 1);
  const duplicates = lines.length - fresh.length;
  if (fresh.length === 0) return { type: 'duplicate', head, duplicates };
  model.push(...fresh);
  return { type: 'accepted', duplicates };
};

class Run {
  readonly models: string[][] = PAIRS.map(() => []);
  store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  async append(command: Command & { readonly type: 'append' }): Promise<void> {
    const model = this.models[command.pair]!;
    const firstSeq = Math.max(1, model.length + command.offset);
    const seqs = Array.from({ length: command.count }, (_, index) => firstSeq + index);
    const variantOf = (index: number): number => command.variants[index % command.variants.length] ?? 0;
    const batch = encodeBatch(seqs.map((seq, index) => readOf(seq, variantOf(index))));
    const lines = seqs.map((seq, index) => rawOf(seq, variantOf(index)));
    const reply = await this.store.append({ ...PAIRS[command.pair]!, firstSeq, batch });
    expect(reply).toMatchObject(modelAppend(model, { firstSeq, lines }));
  }

  async read(command: Command & { readonly type: 'read' }): Promise<void> {
    const model = this.models[command.pair]!;
    const after = Math.max(0, model.length - command.back);
    expect(await linesAfter(this.store, PAIRS[command.pair]!, after, command.maxReads)).toEqual(model.slice(after));
  }

  async check(): Promise<void> {
    const { epochs } = await this.store.load();
    for (const [index, pair] of PAIRS.entries()) {
      const model = this.models[index]!;
      expect(await linesAfter(this.store, pair, 0)).toEqual(model);
      const record = epochs.find((it) => it.streamId === pair.streamId && it.epoch === pair.epoch);
      expect(record?.head ?? 0).toBe(model.length);
    }
  }
}

export const modelContract = (open: OpenStore, runs: number): void => {
  describe('random work', () => {
    it('[P1] [P2] [P3] [P4] is what a list of lines would be, across restarts', async () => {
      await fc.assert(
        fc.asyncProperty(commands, async (work) => {
          const harness = await open();
          try {
            await withStreams(harness.store);
            const run = new Run(harness.store);
            for (const command of work) {
              if (command.type === 'append') await run.append(command);
              else if (command.type === 'read') await run.read(command);
              else run.store = await harness.reopen();
            }
            await run.check();
          } finally {
            await harness.dispose();
          }
        }),
        { numRuns: runs },
      );
    }, 180_000);
  });
};
