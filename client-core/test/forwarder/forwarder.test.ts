import { err, ok } from '@baton/schema/result';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createForwarderStage,
  type ForwarderStage,
  IDENTITY,
  linesFrom,
  onWire,
  RETENTION_MS,
} from '../support/forwarder-stage.ts';

let stage: ForwarderStage;

beforeEach(() => {
  stage = createForwarderStage();
});

afterEach(async () => {
  await stage.end();
});

const startConnected = async (): Promise<void> => {
  stage.reader('start').accept();
  stage.start();
  await stage.pass(1);
};

const deliver = async (lines: readonly string[]): Promise<void> => {
  stage.reader('start').deliver(onWire(lines));
  await stage.settle();
};

const stored = () => Object.fromEntries(stage.relay.stored('mat.start'));
const report = () => stage.forwarder().status().readers[0];
const logged = (pattern: RegExp) => stage.log.filter(({ message }) => pattern.test(message));

describe('reads from the reader to the relay', () => {
  it('[RT-36] journals and sends only good reads, bytes exact; damage is counted and shown', async () => {
    await startConnected();
    const [one, two] = linesFrom(1, 2) as [string, string];
    const wire = `ARM9 Controller v1.4\r\n\r\nab0000372a\r\n${one}\r\naa0105800012860800012606251750434f8a\r\n${two}FS\r\n${one}\r\n`;
    for (const byte of wire) stage.reader('start').deliver(byte);
    await stage.pass(100);
    expect(stored()).toEqual({ 1: [one, `${two}FS`, one] });
    expect(report()).toMatchObject({ connected: true, unparsable: 1, journalHead: 3, epoch: 1, backlog: 0 });
    expect(logged(/unparsable/)).toMatchObject([{ type: 'wrong-checksum', reader: 'start' }]);
  });

  it('[RT-36] counts what a cut connection left unfinished, and joins it to nothing', async () => {
    await startConnected();
    const [one, two] = linesFrom(1, 2) as [string, string];
    stage.reader('start').deliver(`${one}\r\n${two.slice(0, 20)}`);
    stage.reader('start').cut();
    await stage.pass(1000);
    stage.reader('start').deliver(`${two}\r\n`);
    await stage.pass(100);
    expect(stored()).toEqual({ 1: [one, two] });
    expect(report()).toMatchObject({ unparsable: 1 });
  });

  it('attaches as what it is and tells how its readers are', async () => {
    await startConnected();
    expect(stage.relay.hellos).toMatchObject([
      { eventId: 'e1', nodeId: 'mat', readers: ['start'], capabilities: { forward: ['ipico'] } },
    ]);
    expect(stage.relay.heartbeats.at(-1)).toMatchObject({
      health: 'online',
      readers: [{ reader: 'start', connected: true }],
    });
    stage.reader('start').refuse();
    stage.reader('start').cut();
    await stage.settle();
    expect(stage.relay.heartbeats.at(-1)).toMatchObject({
      health: 'degraded',
      readers: [{ reader: 'start', connected: false }],
    });
  });

  it('tells the reader’s clock offset and its lines a second', async () => {
    await startConnected();
    await deliver(linesFrom(1, 50));
    await stage.pass(15_000);
    const status = stage.relay.heartbeats.at(-1)?.readers?.[0];
    expect(status?.linesPerSecond).toBeGreaterThan(3);
    expect(status?.clockOffsetMs).toBe(1_770_000_000_500 - (stage.time.clock.now() - 15_000));
  });

  it('keeps within the relay’s window and batch size', async () => {
    await startConnected();
    await deliver(linesFrom(1, 100));
    await stage.pass(1000);
    expect(stored()).toEqual({ 1: linesFrom(1, 100) });
    expect(stage.relay.deepestWindow()).toBeLessThanOrEqual(4);
    expect(stage.relay.outcomes.get('accepted')).toBeGreaterThanOrEqual(15);
  });

  it('tries an unreachable reader again, with growing waits that are shown', async () => {
    stage.start();
    await stage.pass(30_000);
    const waits = logged(/reader not connected/).map(({ waitMs }) => waitMs);
    expect(waits.slice(0, 7)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
    stage.reader('start').accept();
    await stage.pass(5000);
    expect(report()).toMatchObject({ connected: true });
  });
});

describe('without a relay', () => {
  it('[RT-37] [P7] journals while the relay is away, also through kill -9, and sends all later in order', async () => {
    await startConnected();
    await deliver(linesFrom(1, 10));
    stage.relay.setReachable(false);
    stage.relay.cut();
    await deliver(linesFrom(11, 10));
    await stage.kill();
    stage.start();
    await stage.pass(60_000);
    await deliver(linesFrom(21, 10));
    stage.relay.setReachable(true);
    await stage.pass(60_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 30) });
    expect(report()).toMatchObject({ backlog: 0 });
  });

  it('starts before it has ever reached a relay, and learns who it is later', async () => {
    stage.answerIdentity(err({ type: 'unreachable', message: 'no route' }));
    await startConnected();
    await deliver(linesFrom(1, 3));
    await stage.kill();
    stage.start();
    await stage.pass(100);
    await deliver(linesFrom(4, 3));
    expect(stage.relay.hellos).toEqual([]);
    stage.answerIdentity(ok({ ...IDENTITY, label: 'Mat' }));
    await stage.pass(60_000);
    expect(stage.relay.hellos[0]).toMatchObject({ nodeId: 'mat', label: 'Mat' });
    expect(stored()).toEqual({ 1: linesFrom(1, 6) });
  });

  it('once known, it needs nobody to ask', async () => {
    await startConnected();
    await stage.kill();
    stage.answerIdentity(err({ type: 'refused', message: 'never asked' }));
    stage.start();
    await stage.pass(1000);
    await deliver(linesFrom(1, 1));
    await stage.pass(100);
    expect(stored()).toEqual({ 1: linesFrom(1, 1) });
  });
});

describe('epochs', () => {
  it('[RT-14] opens a commanded epoch: new lines go there from 1, unsent ones keep their own', async () => {
    await startConnected();
    await deliver(linesFrom(1, 3));
    stage.relay.network.latest().stall('up', true);
    await deliver(linesFrom(4, 20));
    stage.relay.commandNext('mat.start');
    await stage.settle();
    await deliver(linesFrom(24, 5));
    stage.relay.network.latest().stall('up', false);
    await stage.pass(1000);
    expect(stored()).toEqual({ 1: linesFrom(1, 23), 2: linesFrom(24, 5) });
    expect(stage.relay.opened[0]).toMatchObject({ streamId: 'mat.start', epoch: 2, ended: [{ epoch: 1, seq: 23 }] });
  });

  it('[RT-14] a repeated command is answered and changes nothing', async () => {
    await startConnected();
    stage.relay.commandNext('mat.start');
    await stage.settle();
    await deliver(linesFrom(1, 2));
    stage.relay.repeatCommand('mat.start');
    stage.relay.repeatCommand('mat.start');
    await stage.settle();
    await deliver(linesFrom(3, 2));
    await stage.pass(100);
    expect(stored()).toEqual({ 2: linesFrom(1, 4) });
    expect(stage.relay.opened.map(({ epoch }) => epoch)).toEqual([2, 2, 2]);
  });

  it('[RT-14] a command that was lost with its connection is followed after the next hello', async () => {
    await startConnected();
    await deliver(linesFrom(1, 2));
    stage.relay.network.latest().stall('down', true);
    stage.relay.commandNext('mat.start');
    await stage.settle();
    stage.relay.cut();
    await deliver(linesFrom(3, 2));
    await stage.pass(10_000);
    await deliver(linesFrom(5, 2));
    await stage.pass(100);
    expect(stored()).toEqual({ 1: linesFrom(1, 4), 2: linesFrom(5, 2) });
  });

  it('an epoch that was opened survives kill -9', async () => {
    await startConnected();
    stage.relay.commandNext('mat.start');
    await stage.settle();
    await stage.kill();
    stage.start();
    await stage.pass(1000);
    await deliver(linesFrom(1, 2));
    await stage.pass(100);
    expect(stored()).toEqual({ 2: linesFrom(1, 2) });
  });

  it('tells the end of an epoch again when its last read has been acked, so that it can be sealed', async () => {
    await startConnected();
    stage.relay.network.latest().stall('down', true);
    await deliver(linesFrom(1, 5));
    stage.relay.commandNext('mat.start');
    stage.relay.network.latest().stall('down', false);
    await stage.pass(100);
    expect(stage.relay.opened.at(-1)).toMatchObject({ epoch: 2, ended: [{ epoch: 1, seq: 5 }] });
  });
});

describe('a relay that holds something else', () => {
  it('[RT-34] sends again without harm what was stored and whose ack got lost', async () => {
    await startConnected();
    stage.relay.network.latest().stall('down', true);
    await deliver(linesFrom(1, 5));
    stage.relay.cut();
    await stage.pass(10_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 5) });
    expect(stage.relay.outcomes.get('duplicate')).toBeGreaterThanOrEqual(1);
    expect(stage.relay.outcomes.get('conflict')).toBeUndefined();
  });

  it('[RT-34] [P4] on a conflict keeps the relay’s reads and brings its own under a fresh epoch', async () => {
    await startConnected();
    await deliver(linesFrom(1, 3));
    stage.relay.plant('mat.start', 1, linesFrom(900, 2));
    await deliver(linesFrom(4, 10));
    await stage.pass(1000);
    await deliver(linesFrom(14, 2));
    await stage.pass(1000);
    expect(stored()).toEqual({ 1: [...linesFrom(1, 3), ...linesFrom(900, 2)], 2: linesFrom(4, 12) });
    expect(logged(/other bytes/)).toMatchObject([{ level: 'error', reader: 'start', epoch: 1, seq: 4, to: 2 }]);
    expect(stage.relay.opened.at(-1)).toMatchObject({ epoch: 2, ended: [{ epoch: 1, seq: 3 }] });
    expect(stage.relay.currentEpoch('mat.start')).toBe(2);
  });

  it('[P9] a new disk in the device: new reads begin an epoch of their own', async () => {
    await startConnected();
    await deliver(linesFrom(1, 3));
    await stage.pass(2000);
    await stage.kill();
    stage.newDisk();
    stage.start();
    await stage.pass(1000);
    await deliver(linesFrom(4, 3));
    await stage.pass(1000);
    expect(stored()).toEqual({ 1: linesFrom(1, 3), 2: linesFrom(4, 3) });
    expect(stage.relay.outcomes.get('conflict')).toBeUndefined();
  });

  it('[P9] refills a relay that lost its disk', async () => {
    await startConnected();
    await deliver(linesFrom(1, 9));
    stage.relay.commandNext('mat.start');
    await stage.settle();
    await deliver(linesFrom(10, 9));
    await stage.pass(5000);
    stage.relay.loseDisk();
    stage.relay.cut();
    await stage.pass(10_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 9), 2: linesFrom(10, 9) });
    expect(stage.relay.currentEpoch('mat.start')).toBe(2);
  });

  it('[P9] refills a restored relay from where it is, and again after kill -9 in between', async () => {
    await startConnected();
    await deliver(linesFrom(1, 40));
    await stage.pass(5000);
    stage.relay.forget('mat.start', 1, 11);
    stage.relay.cut();
    await stage.pass(1);
    await stage.kill();
    stage.start();
    await stage.pass(10_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 40) });
  });

  it('[P9] what was deleted after the retention cannot come back: the rest gets fresh numbers', async () => {
    await startConnected();
    await deliver(linesFrom(1, 10));
    await stage.pass(5000);
    await stage.kill();
    stage.time.jumpClock(RETENTION_MS / 2);
    stage.start();
    await stage.pass(1000);
    await deliver(linesFrom(11, 10));
    await stage.pass(5000);
    await stage.kill();
    stage.time.jumpClock(RETENTION_MS / 2 + 1);
    stage.start();
    await stage.pass(5000);
    stage.relay.forget('mat.start', 1, 4);
    stage.relay.cut();
    await stage.pass(10_000);
    await deliver(linesFrom(21, 2));
    await stage.pass(5000);
    expect(stored()).toEqual({ 1: linesFrom(1, 4), 2: linesFrom(11, 12) });
    expect(logged(/neither at the relay nor kept here/)).toHaveLength(1);
  });
});

describe('a relay that does not take reads', () => {
  it('[P22] holds back while the relay’s disk is full, and goes on by itself', async () => {
    await startConnected();
    stage.relay.refuseWith({ code: 'STORAGE_FULL', message: 'no space', retryable: true });
    await deliver(linesFrom(1, 30));
    await stage.pass(60_000);
    expect(stored()).toEqual({});
    expect(stage.relay.outcomes.get('refused')).toBeLessThan(40);
    stage.relay.refuseWith(null);
    await stage.pass(30_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 30) });
  });

  it('[P7] keeps what its token may not bring today, tries with growing pauses, and delivers all of it later', async () => {
    await startConnected();
    stage.relay.refuseWith({ code: 'DAILY_LIMIT_REACHED', message: 'used up', retryable: true });
    await deliver(linesFrom(1, 5));
    await stage.pass(600_000);
    await deliver(linesFrom(6, 5));
    await stage.pass(600_000);
    expect(stage.journalled('start')).toEqual(linesFrom(1, 10));
    expect(report()).toMatchObject({ backlog: 10 });
    // from half a minute's pause on, at most: a few dozen questions in twenty minutes
    expect(stage.relay.outcomes.get('refused')).toBeLessThan(200);
    stage.relay.refuseWith(null);
    await stage.pass(30_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 10) });
    expect(report()).toMatchObject({ backlog: 0 });
  });

  it('goes on journalling when its reads are refused, and says so', async () => {
    await startConnected();
    stage.relay.refuseWith({ code: 'FORBIDDEN', message: 'not yours', retryable: false });
    await deliver(linesFrom(1, 3));
    await stage.pass(60_000);
    await deliver(linesFrom(4, 3));
    expect(stage.journalled('start')).toEqual(linesFrom(1, 6));
    expect(logged(/refuses the reads/)).toMatchObject([{ level: 'error', code: 'FORBIDDEN' }]);
    expect(report()).toMatchObject({ backlog: 6 });
  });

  it('[RN-03] below the version floor it journals and sends nothing', async () => {
    stage.relay.setReadOnly(true);
    await startConnected();
    await deliver(linesFrom(1, 3));
    await stage.pass(1000);
    expect(stage.relay.outcomes.size).toBe(0);
    expect(logged(/takes no reads from this version/)).toHaveLength(1);
    expect(stage.forwarder().status()).toMatchObject({ connection: 'live', readOnly: true });
    stage.relay.setReadOnly(false);
    stage.relay.cut();
    await stage.pass(10_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 3) });
    expect(stage.forwarder().status()).toMatchObject({ readOnly: false });
  });

  it('[RN-06] refused in the middle it stays attached, journals on, says so each minute, and sends when it may again', async () => {
    await startConnected();
    stage.relay.refuseWith({ code: 'VERSION_FLOOR_EXCEEDED', message: 'too old', retryable: false });
    await deliver(linesFrom(1, 3));
    await stage.pass(10_000);
    expect(stage.forwarder().status()).toMatchObject({ connection: 'live', readOnly: true });
    expect(stage.relay.hellos).toHaveLength(1);
    await stage.pass(190_000);
    expect(logged(/asks for a later version/).length).toBeGreaterThan(1);
    await deliver(linesFrom(4, 2));
    expect(stage.journalled('start')).toEqual(linesFrom(1, 5));
    stage.relay.refuseWith(null);
    await stage.pass(400_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 5) });
    expect(stage.forwarder().status()).toMatchObject({ readOnly: false });
  });

  it('a command that comes while it may not send is followed, and reads from before it are not forgotten', async () => {
    stage.relay.setReadOnly(true);
    await startConnected();
    await deliver(linesFrom(1, 3));
    stage.relay.commandNext('mat.start');
    await stage.settle();
    await deliver(linesFrom(4, 2));
    stage.relay.setReadOnly(false);
    stage.relay.cut();
    await stage.pass(10_000);
    expect(stored()).toEqual({ 1: linesFrom(1, 3), 2: linesFrom(4, 2) });
  });

  it('[P8] fenced: stops sending for good, keeps journalling, says it loudly', async () => {
    await startConnected();
    stage.relay.fenceNextPush();
    await deliver(linesFrom(1, 3));
    await stage.pass(200_000);
    await deliver(linesFrom(4, 3));
    expect(stage.forwarder().status()).toMatchObject({ connection: 'stopped', fenced: true });
    expect(stage.relay.network.pairs).toHaveLength(1);
    expect(stage.journalled('start')).toEqual(linesFrom(1, 6));
    expect(logged(/another forwarder with the same identity took over/)).toHaveLength(1);
    expect(logged(/^nothing is sent/)).toMatchObject(Array(3).fill({ level: 'error', code: 4409 }));
  });
});

describe('a journal that cannot take reads', () => {
  it('[P22] full disk: the reader is held back, nothing is lost, and it goes on by itself', async () => {
    await startConnected();
    await deliver(linesFrom(1, 2));
    stage.failCommits({ type: 'storage-full', message: 'database or disk is full' });
    await deliver(linesFrom(3, 2));
    expect(stage.reader('start').isPaused()).toBe(true);
    expect(stage.forwarder().status()).toMatchObject({ pressure: 'full' });
    expect(stage.relay.heartbeats.at(-1)).toMatchObject({ health: 'degraded' });
    await stage.pass(30_000);
    expect(logged(/disk is full/)).toMatchObject([{ level: 'error' }]);
    stage.failCommits(null);
    await stage.pass(2000);
    expect(stage.reader('start').isPaused()).toBe(false);
    await deliver(linesFrom(5, 1));
    await stage.pass(100);
    expect(stored()).toEqual({ 1: linesFrom(1, 5) });
    expect(stage.failures).toEqual([]);
  });

  it('[P23] a disk that fails ends the forwarder: nothing is acked or sent on its word', async () => {
    await startConnected();
    stage.failCommits({ type: 'failed', message: 'disk I/O error' });
    await deliver(linesFrom(1, 2));
    await stage.pass(1000);
    expect(stage.failures).toEqual(['disk I/O error']);
    expect(stored()).toEqual({});
  });
});

describe('the end', () => {
  it('stops cleanly: what was read is on disk, the relay is told, no timer is left', async () => {
    await startConnected();
    await deliver(linesFrom(1, 5));
    stage.reader('start').deliver(onWire(linesFrom(6, 5)));
    const stopped = stage.forwarder().stop();
    await stage.settle();
    await stopped;
    await stage.settle();
    expect(stage.journalled('start')).toEqual(linesFrom(1, 10));
    expect(stage.relay.network.latest().arrived.at(-1)).toBe('{"type":"detach"}');
    expect(stage.forwarder().status()).toMatchObject({ connection: 'offline' });
    expect(stage.time.pending()).toBe(0);
  });

  it('reads of a reader that is no longer configured are still sent', async () => {
    stage = createForwarderStage(['start', 'finish']);
    stage.reader('finish').accept();
    stage.relay.setReachable(false);
    stage.start();
    await stage.pass(1);
    stage.reader('finish').deliver(onWire(linesFrom(1, 3)));
    await stage.settle();
    await stage.kill();
    stage.relay.setReachable(true);
    stage.start(['start']);
    await stage.pass(1000);
    expect(Object.fromEntries(stage.relay.stored('mat.finish'))).toEqual({ 1: linesFrom(1, 3) });
    expect(stage.relay.hellos.at(-1)).toMatchObject({ readers: ['start', 'finish'] });
  });
});
