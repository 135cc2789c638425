import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DialectName } from './dialect.ts';
import type { SocketTarget } from './wire.ts';

export type ReadersCommand =
  | {
      readonly type: 'open';
      readonly target: SocketTarget;
      readonly document: string;
      readonly dialect: DialectName;
      /** Base64. */
      readonly stateVector: string;
      readonly count: number;
      /** Connections under way at once. */
      readonly abreast: number;
    }
  | { readonly type: 'mark' }
  | { readonly type: 'reach'; readonly bytes: number }
  | { readonly type: 'close' };

export type ReadersEvent =
  | { readonly type: 'synced'; readonly count: number; readonly ms: number; readonly bytes: number }
  | { readonly type: 'marked' }
  | { readonly type: 'reached'; readonly lost: number }
  | { readonly type: 'closed' }
  | { readonly type: 'failed'; readonly reason: string };

type EventOf<T extends ReadersEvent['type']> = Extract<ReadersEvent, { readonly type: T }>;

/** The readers of a benchmark, in a process of their own so that their work is not the server's or the writer's. */
export interface Readers {
  readonly open: (command: Omit<ReadersCommand & { type: 'open' }, 'type'>) => Promise<EventOf<'synced'>>;
  /** Every reader counts from here. */
  readonly mark: () => Promise<void>;
  /** Resolves once each reader has had so many bytes since the mark; rejects when one was cut off. */
  readonly reach: (bytes: number) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly end: () => Promise<void>;
}

const MAIN = fileURLToPath(new URL('./readers-main.js', import.meta.url));

const createAsk = (child: ChildProcess) => {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the readers have no pipes');
  const waiting: ((event: ReadersEvent) => void)[] = [];
  createInterface({ input: stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line) as ReadersEvent));
  child.on('exit', () => {
    for (const tell of waiting.splice(0)) tell({ type: 'failed', reason: 'the readers ended' });
  });
  return <T extends ReadersEvent['type']>(command: ReadersCommand, expected: T): Promise<EventOf<T>> =>
    new Promise((resolve, reject) => {
      waiting.push((event) => {
        if (event.type === expected) resolve(event as EventOf<T>);
        else reject(new Error(`readers: expected ${expected}, got ${JSON.stringify(event)}`));
      });
      stdin.write(`${JSON.stringify(command)}\n`);
    });
};

export const startReaders = (): Readers => {
  const child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = createAsk(child);
  return {
    open: (command) => ask({ type: 'open', ...command }, 'synced'),
    mark: async () => {
      await ask({ type: 'mark' }, 'marked');
    },
    reach: async (bytes) => {
      const { lost } = await ask({ type: 'reach', bytes }, 'reached');
      if (lost > 0) throw new Error(`the server cut off ${lost} readers`);
    },
    close: async () => {
      await ask({ type: 'close' }, 'closed');
    },
    end: async () => {
      child.stdin?.end();
      await exited;
    },
  };
};
