import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Journal, JournalChange } from '../../src/forwarder/journal.ts';
import { openWorkerJournal } from '../../src/forwarder/worker-journal.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'baton-journal-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const open = async (): Promise<Journal> => {
  const opened = await openWorkerJournal({ directory });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
};

const changes: readonly JournalChange[] = [
  { type: 'openEpoch', reader: 'start', epoch: 1, confirmed: true },
  {
    type: 'append',
    reader: 'start',
    epoch: 1,
    firstSeq: 1,
    lines: [1, 2, 3].map((it) => ({ raw: Buffer.from(`line ${it}`), receivedAt: it })),
  },
];

describe('journal in a thread', () => {
  it('answers calls in their order and keeps what was committed', async () => {
    const journal = await open();
    const [reply, lines, pruned] = await Promise.all([
      journal.commit(changes),
      journal.read({ reader: 'start', epoch: 1, fromSeq: 2, limit: 10 }),
      journal.prune({ reader: 'start', epoch: 1, receivedBefore: 99, limit: 10 }),
    ]);
    expect(reply).toEqual({ type: 'committed' });
    expect(lines.map(({ raw }) => Buffer.from(raw).toString())).toEqual(['line 2', 'line 3']);
    expect(pruned).toEqual({ first: 1, full: false });
    await Promise.all([journal.close(), journal.close()]);
    const again = await open();
    expect(again.opened.streams).toMatchObject([{ reader: 'start', epochs: [{ epoch: 1, head: 3 }] }]);
    await again.close();
  });

  it('tells why it cannot be opened, and a second one of the same directory waits for nobody', async () => {
    const journal = await open();
    expect(await openWorkerJournal({ directory })).toMatchObject({ ok: false, error: { type: 'locked' } });
    await journal.close();
    writeFileSync(join(directory, 'journal.db'), 'nothing that was ever written by a journal'.repeat(20));
    expect(await openWorkerJournal({ directory })).toMatchObject({ ok: false, error: { type: 'damaged' } });
  });

  it('a defect in the thread rejects what waits, and what comes later', async () => {
    const journal = await open();
    const bad: JournalChange = { type: 'setAcked', reader: 'unknown', epoch: 1, seq: 1 };
    await expect(journal.commit([bad])).rejects.toThrow('no stream of reader unknown');
    await expect(journal.commit(changes)).rejects.toThrow();
  });
});
