import type { RelayBody } from '@baton/schema/http';
import { describe, expect, it } from 'vitest';
import {
  backupWord,
  durationText,
  eventDiskWord,
  isDiskLow,
  lagText,
  rateText,
  readRate,
  roleCounts,
  waitingText,
} from '../../src/admin/relay-words.ts';

const NOW = 1_772_870_400_000;
const HOUR = 3_600_000;

const STORAGE: RelayBody['storage'] = {
  reads: 100,
  dataBytes: 1,
  freeBytes: 50e9,
  diskBytes: 100e9,
  eventDiskLimit: 2e9,
  lastBackupAt: null,
  waitingWrites: 0,
  stillMs: 0,
};

const relay = (now: number, reads: number, startedAt = 0): RelayBody => ({
  version: '0.1.0',
  startedAt,
  now,
  troubles: [],
  storage: { ...STORAGE, reads },
  connections: {
    roles: {},
    subscriptions: 0,
    eventStreams: 0,
    documents: 0,
    documentSockets: 0,
    slow: 0,
    unsentBytes: 0,
  },
  process: { loopLagMs: null, memoryBytes: null },
  events: [],
  link: null,
  eventCount: 0,
});

describe('how fast reads come', () => {
  it('is told from two answers of the same relay, by its own clock', () => {
    expect(readRate(relay(1000, 100), relay(3000, 150))).toBe(25);
    expect(readRate(null, relay(3000, 150))).toBeNull();
    expect(readRate(relay(1000, 100, 1), relay(3000, 150, 2))).toBeNull();
    expect(readRate(relay(3000, 100), relay(3000, 150))).toBeNull();
  });

  it('[P25] is never negative: not after a deleted event, nor when a clock was set back', () => {
    expect(readRate(relay(1000, 150), relay(3000, 100))).toBe(0);
    expect(readRate(relay(3000, 100), relay(1000, 150))).toBeNull();
  });

  it('is read at a glance', () => {
    expect([null, 0, 0.4, 9.94, 12.6, 12_345].map(rateText)).toEqual([
      '—',
      '0 a second',
      '0.4 a second',
      '9.9 a second',
      '13 a second',
      '12,345 a second',
    ]);
  });
});

describe('words for an admin', () => {
  it('tell durations and delays coarsely', () => {
    expect([40_000, 12 * 60_000, 4 * HOUR + 300_000, 72 * HOUR, -5].map(durationText)).toEqual([
      '40 s',
      '12 min',
      '4 h 5 min',
      '3 days',
      '0 s',
    ]);
    expect([null, 3.2, 1500].map(lagText)).toEqual(['not known', '3 ms', '1.5 s']);
  });

  it('warn of no backup once there is something to lose, and of an old one', () => {
    expect(backupWord(STORAGE, NOW)).toEqual({ tone: 'warn', text: 'none', under: 'that this relay knows of' });
    expect(backupWord({ ...STORAGE, reads: 0 }, NOW).tone).toBe('neutral');
    expect(backupWord({ ...STORAGE, lastBackupAt: NOW - HOUR }, NOW)).toEqual({
      tone: 'ok',
      text: '1 h ago',
      under: null,
    });
    expect(backupWord({ ...STORAGE, lastBackupAt: NOW - 25 * HOUR }, NOW).tone).toBe('warn');
  });

  it('warn of a disk that is nearly full: in parts and in bytes', () => {
    expect(isDiskLow(STORAGE)).toBe(false);
    expect(isDiskLow({ ...STORAGE, freeBytes: 0.5e9 })).toBe(true);
    expect(isDiskLow({ ...STORAGE, freeBytes: 2e9 })).toBe(false);
    expect(isDiskLow({ ...STORAGE, freeBytes: 0.5e9, diskBytes: 1e9 })).toBe(false);
    expect(isDiskLow({ ...STORAGE, freeBytes: null })).toBe(false);
  });

  it('say for how long writes have been waiting in vain', () => {
    expect(waitingText(STORAGE)).toBe('none');
    expect(waitingText({ ...STORAGE, waitingWrites: 12, stillMs: 30 })).toBe('12');
    expect(waitingText({ ...STORAGE, waitingWrites: 1200, stillMs: 14_000 })).toBe('1,200, since 14 s');
  });

  it('count every role, known to the page or not', () => {
    const counts = roleCounts({ spectator: 7, forwarder: 2, oracle: 1 });
    expect(counts.map(({ role, count }) => `${role} ${count}`)).toEqual([
      'forwarder 2',
      'receiver 0',
      'operator 0',
      'viewer 0',
      'spectator 7',
      'admin 0',
      'oracle 1',
    ]);
  });
});

describe('what an event holds of the disk', () => {
  it('stands out once it may hold no more', () => {
    expect(eventDiskWord({ diskBytes: 1.9e9 }, STORAGE)).toEqual({ tone: 'neutral', text: '1.9 GB', under: null });
    expect(eventDiskWord({ diskBytes: 2e9 }, STORAGE)).toEqual({
      tone: 'bad',
      text: '2.0 GB',
      under: 'its limit of 2.0 GB is reached: reads wait',
    });
  });
});
