import type { NodeBody } from '@baton/schema/http';
import type { StreamId } from '@baton/schema/ids';
import type { Tone } from '../ui/pill.tsx';

/** What an operator should look at, worst first. */
export interface NodeAlarm {
  readonly type: 'identity' | 'conflict' | 'silent' | 'backlog' | 'below-floor';
  readonly nodeId: string;
  readonly tone: Tone;
  readonly text: string;
}

/** How the backlog of each stream went: its last number, and how often in a row it was found higher. */
export type Backlogs = ReadonlyMap<StreamId, { readonly backlog: number; readonly rises: number }>;

/** A backlog that was higher each of so many times is growing; a burst that is being sent is not. */
const GROWING_RISES = 3;
/** A takeover is told this long. */
const TAKEOVER_MS = 600_000;

export const foldBacklogs = (before: Backlogs, nodes: readonly NodeBody[]): Backlogs =>
  new Map(
    nodes.flatMap((node) =>
      node.readers.map(({ streamId, backlog }) => {
        const old = before.get(streamId);
        const fell = old === undefined || backlog < old.backlog || backlog === 0;
        const rises = fell ? 0 : old.rises + (backlog > old.backlog ? 1 : 0);
        return [streamId, { backlog, rises }] as const;
      }),
    ),
  );

const identityAlarm = ({ nodeId, takeovers, lastTakeoverAt }: NodeBody, now: number): NodeAlarm | null =>
  lastTakeoverAt === null || now - lastTakeoverAt > TAKEOVER_MS
    ? null
    : {
        type: 'identity',
        nodeId,
        tone: 'bad',
        text: `${nodeId} was taken over ${takeovers === 1 ? 'once' : `${takeovers} times`}: do two devices use its token?`,
      };

const conflictAlarm = ({ nodeId, readers }: NodeBody): NodeAlarm | null => {
  const names = readers.filter((it) => it.conflicts > 0).map((it) => it.reader);
  if (names.length === 0) return null;
  const text = `${nodeId}: other reads stood under the same numbers (${names.join(', ')}); they went to a fresh epoch`;
  return { type: 'conflict', nodeId, tone: 'bad', text };
};

const silentAlarm = ({ nodeId, state, detached }: NodeBody): NodeAlarm | null => {
  if (detached || (state !== 'offline' && state !== 'degraded')) return null;
  return state === 'offline'
    ? { type: 'silent', nodeId, tone: 'bad', text: `${nodeId} is silent` }
    : { type: 'silent', nodeId, tone: 'warn', text: `${nodeId} is not well: silent for a while, or by its own word` };
};

const backlogAlarm = ({ nodeId, readers }: NodeBody, backlogs: Backlogs): NodeAlarm | null => {
  const growing = readers.filter((it) => (backlogs.get(it.streamId)?.rises ?? 0) >= GROWING_RISES);
  if (growing.length === 0) return null;
  const text = `${nodeId}: reads wait at the device and get more (${growing.map((it) => `${it.reader} ${it.backlog}`).join(', ')})`;
  return { type: 'backlog', nodeId, tone: 'warn', text };
};

const floorAlarm = ({ nodeId, state, readOnly, clientVersion }: NodeBody): NodeAlarm | null =>
  readOnly && state !== 'offline'
    ? {
        type: 'below-floor',
        nodeId,
        tone: 'warn',
        text: `${nodeId} has version ${clientVersion}, below the floor: it reads, nothing it writes is taken`,
      }
    : null;

const SEVERITY: Readonly<Record<NodeAlarm['type'], number>> = {
  identity: 0,
  conflict: 1,
  silent: 2,
  backlog: 3,
  'below-floor': 4,
};

/** @param now ms since the Unix epoch */
export const nodeAlarms = (nodes: readonly NodeBody[], backlogs: Backlogs, now: number): readonly NodeAlarm[] =>
  nodes
    .filter((node) => node.state !== 'revoked')
    .flatMap((node) => [
      identityAlarm(node, now),
      conflictAlarm(node),
      silentAlarm(node),
      backlogAlarm(node, backlogs),
      floorAlarm(node),
    ])
    .filter((it) => it !== null)
    .sort((a, b) => SEVERITY[a.type] - SEVERITY[b.type]);
