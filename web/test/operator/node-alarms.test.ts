import { NodeBody } from '@baton/schema/http';
import { expect, it } from 'vitest';
import { type Backlogs, foldBacklogs, nodeAlarms } from '../../src/operator/node-alarms.ts';

const NOW = 1_772_870_400_000;

const reader = (change: object = {}) => ({
  streamId: 'gate.mat',
  reader: 'mat',
  connected: true,
  lastLineAt: null,
  linesPerSecond: 0,
  unparsable: 0,
  conflicts: 0,
  clockOffsetMs: null,
  backlog: 0,
  lastReadAt: null,
  ...change,
});

const node = (change: object = {}): NodeBody =>
  NodeBody.parse({
    nodeId: 'gate',
    role: 'forwarder',
    label: null,
    state: 'online',
    health: 'online',
    clientVersion: '1.0',
    readOnly: false,
    capabilities: {},
    attachedAt: NOW,
    lastHeartbeatAt: NOW,
    detached: false,
    connected: true,
    takeovers: 0,
    lastTakeoverAt: null,
    skewMs: null,
    readers: [reader()],
    ...change,
  });

const types = (nodes: readonly NodeBody[], backlogs: Backlogs = new Map()) =>
  nodeAlarms(nodes, backlogs, NOW).map((it) => it.type);

it('says nothing of nodes that are well, of those that left on purpose, and of revoked ones', () => {
  expect(
    types([node(), node({ state: 'offline', detached: true }), node({ state: 'revoked', readOnly: true })]),
  ).toEqual([]);
});

it('[RN-11] tells of silence', () => {
  expect(types([node({ state: 'degraded' })])).toEqual(['silent']);
  expect(types([node({ state: 'offline' })])).toEqual(['silent']);
});

it('[P8] tells of a takeover for a while, and of conflicting reads, before all else', () => {
  const twice = node({
    state: 'offline',
    takeovers: 2,
    lastTakeoverAt: NOW - 60_000,
    readers: [reader({ conflicts: 1 })],
  });
  expect(types([twice])).toEqual(['identity', 'conflict', 'silent']);
  expect(types([node({ takeovers: 2, lastTakeoverAt: NOW - 3_600_000 })])).toEqual([]);
});

it('[RN-03] tells of a version below the floor', () => {
  expect(types([node({ readOnly: true })])).toEqual(['below-floor']);
});

it('tells of a backlog that keeps growing, not of a burst that is being sent', () => {
  const run = (backlogs: readonly number[]): Backlogs =>
    backlogs.reduce<Backlogs>((it, backlog) => foldBacklogs(it, [node({ readers: [reader({ backlog })] })]), new Map());
  const rows = [node({ readers: [reader({ backlog: 9 })] })];
  expect(types(rows, run([0, 3, 6, 9]))).toEqual(['backlog']);
  expect(types(rows, run([0, 3, 3, 6, 6, 9]))).toEqual(['backlog']);
  expect(types(rows, run([0, 900, 600, 900]))).toEqual([]);
  expect(types(rows, run([5, 5, 5, 5]))).toEqual([]);
});
