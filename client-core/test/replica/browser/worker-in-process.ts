import { PGlite } from '@electric-sql/pglite';
import type { Call } from '../../../src/replica/pglite-calls.ts';
import { servePglite } from '../../../src/replica/serve-pglite.ts';

/** What a browser's dedicated worker does, in this process: the real serving of a real PGlite, in memory. */
export const startInProcess = (): Worker => {
  const toOwner = new Set<(event: { readonly data: unknown }) => void>();
  const toWorker: ((call: Call) => void)[] = [];
  let ended = false;
  let begun = false;
  const later = (then: () => void): void => {
    setImmediate(() => {
      if (!ended) then();
    });
  };
  const say = (message: unknown): void => {
    const data = structuredClone(message);
    later(() => {
      for (const listener of toOwner) listener({ data });
    });
  };
  const begin = (): void => {
    begun = true;
    void servePglite({ say, onCall: (listener) => toWorker.push(listener) }, () => PGlite.create());
  };
  const worker = {
    addEventListener: (type: string, listener: (event: { readonly data: unknown }) => void) => {
      if (type === 'message') toOwner.add(listener);
    },
    postMessage: (message: unknown) => {
      const call = structuredClone(message) as Call;
      if (!begun) begin();
      else later(() => toWorker.map((listener) => listener(call)));
    },
    terminate: () => {
      ended = true;
    },
  };
  return worker as unknown as Worker;
};
