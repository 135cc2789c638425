import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type WatchersCommand =
  | {
      readonly type: 'open';
      readonly host: string;
      readonly port: number;
      /** Null: plain TCP, nothing is asked for. */
      readonly path: string | null;
      readonly count: number;
      /** Connections under way at once. */
      readonly abreast: number;
    }
  /** Counts from here. */
  | { readonly type: 'mark' }
  /** Waits until nothing has come for a while. */
  | { readonly type: 'rest' }
  | { readonly type: 'close' };

export type WatchersEvent =
  | { readonly type: 'opened'; readonly ms: number }
  | { readonly type: 'marked' }
  | {
      readonly type: 'rested';
      /** Watchers who were cut off. */
      readonly lost: number;
      /** Since the mark, of all of them together. */
      readonly bytes: number;
      readonly frames: number;
      /** From a message's `asOf` to its arrival, in ms; one in a few is looked at. */
      readonly p50: number;
      readonly p99: number;
    }
  | { readonly type: 'closed' }
  | { readonly type: 'failed'; readonly reason: string };

type EventOf<T extends WatchersEvent['type']> = Extract<WatchersEvent, { readonly type: T }>;

/** Those who watch, in a process of their own so that their work is not the server's. */
export interface Watchers {
  readonly open: (command: Omit<WatchersCommand & { type: 'open' }, 'type'>) => Promise<EventOf<'opened'>>;
  readonly mark: () => Promise<void>;
  readonly rest: () => Promise<EventOf<'rested'>>;
  readonly close: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Asks a child one thing after another; each line of its output is one answer. */
export const createAsk = <Command, Event extends { readonly type: string }>(child: ChildProcess, who: string) => {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error(`${who}: there are no pipes`);
  const waiting: ((event: Event | null) => void)[] = [];
  createInterface({ input: stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line) as Event));
  child.on('exit', () => {
    for (const tell of waiting.splice(0)) tell(null);
  });
  return <T extends Event['type']>(command: Command, expected: T): Promise<Extract<Event, { readonly type: T }>> =>
    new Promise((resolve, reject) => {
      waiting.push((event) => {
        if (event?.type === expected) resolve(event as Extract<Event, { readonly type: T }>);
        else reject(new Error(`${who}: expected ${expected}, got ${JSON.stringify(event)}`));
      });
      stdin.write(`${JSON.stringify(command)}\n`);
    });
};

export const startWatchers = (): Watchers => {
  const main = fileURLToPath(new URL('./watchers-main.js', import.meta.url));
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = createAsk<WatchersCommand, WatchersEvent>(child, 'watchers');
  return {
    open: (command) => ask({ type: 'open', ...command }, 'opened'),
    mark: async () => {
      await ask({ type: 'mark' }, 'marked');
    },
    rest: () => ask({ type: 'rest' }, 'rested'),
    close: async () => {
      await ask({ type: 'close' }, 'closed');
    },
    end: async () => {
      child.stdin?.end();
      await exited;
    },
  };
};
