import type { Page } from 'playwright-core';

interface Asked {
  readonly channel: string;
  readonly sql: string;
}

/**
 * Asks whoever owns the replica of this browser, as another tab would, over the tabs' own channel. Undefined while
 * nobody owns it, or it does not answer.
 */
const askOwner = ({ channel, sql }: Asked): Promise<readonly Record<string, unknown>[] | undefined> =>
  new Promise((resolve) => {
    const from = `story-${Math.random()}`;
    const line = new BroadcastChannel(channel);
    const end = (rows?: readonly Record<string, unknown>[]): void => {
      clearTimeout(timer);
      line.close();
      resolve(rows);
    };
    const timer = setTimeout(end, 5000);
    let asked = false;
    line.onmessage = ({ data }) => {
      if (data.type === 'owner' && !data.opens && !asked) {
        asked = true;
        line.postMessage({ type: 'call', from, to: data.from, id: 1, method: 'query', args: [sql] });
      }
      if (data.type === 'answer' && data.to === from) end(data.value.ok === true ? data.value.value : undefined);
    };
    line.postMessage({ type: 'ping', from });
  });

export const askReplica = (page: Page, name: string, sql: string) =>
  page.evaluate(askOwner, { channel: `baton.replica.${name}`, sql });

/** Everything a stream holds, in one line: how many, up to which number, and its hash as the relay's seal has it. */
const SUM = `SELECT count(*)::int AS count, coalesce(max(seq), 0)::int AS last,
  encode(sha256(coalesce(string_agg(raw || '\\x0a'::bytea, ''::bytea ORDER BY seq), ''::bytea)), 'hex') AS hash FROM reads`;

export interface HeldSum {
  readonly count: number;
  readonly last: number;
  readonly hash: string;
}

export const heldSum = async (page: Page, name: string): Promise<HeldSum | undefined> =>
  (await askReplica(page, name, SUM))?.[0] as HeldSum | undefined;
