import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ArchiveEntry, docLine, endLine, eventLine, factLine, headLine } from '@baton/schema/archive';
import { EventId } from '@baton/schema/ids';
import { err, ok } from '@baton/schema/result';
import { afterAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { checkArchiveApart, readArchiveApart } from '../../../src/keeping/archive/archive-thread.ts';
import { packTexts, unpackFile } from '../../../src/keeping/archive/packing.ts';
import { toBase64 } from '../../../src/platform/base64.ts';

const directory = mkdtempSync(join(tmpdir(), 'baton-archive-thread-'));
afterAll(() => rmSync(directory, { recursive: true }));

const eventId = EventId.parse('e');
const EVENT = eventLine({
  eventId,
  title: 'E',
  date: '2026-04-12',
  timezone: 'UTC',
  location: null,
  status: 'official',
  statusChangedAt: 1,
  minClientVersion: null,
  createdAt: 1,
});

const roster = (keys: number): Uint8Array => {
  const doc = new Y.Doc();
  for (let key = 0; key < keys; key++) doc.getMap('m').set(String(key), 'x'.repeat(40));
  return Y.encodeStateAsUpdate(doc);
};

const doc = (update: Uint8Array): string => [...docLine({ name: 'roster', update }, toBase64)].join('');
const fact = (kind: 'official' | 'external-result', text: string): string =>
  [...factLine({ kind, key: 'k', bytes: Buffer.from(text) }, toBase64)].join('');

/** A file whose form is sound: its last line proves the others. */
const fileOf = (...body: readonly string[]): string => {
  const text = [headLine({ kind: 'event', eventId }), EVENT, ...body].map((it) => `${it}\n`).join('');
  const sha256 = createHash('sha256').update(text).digest('hex');
  const path = join(directory, createHash('sha256').update(text).digest('hex'));
  writeFileSync(path, gzipSync(`${text}${endLine({ lines: body.length + 2, reads: 0, sha256 })}\n`));
  return path;
};

describe('an archive that is read apart', () => {
  it('is sound when documents can be read and results are a relay’s', async () => {
    expect(await checkArchiveApart(fileOf(doc(roster(3))))).toMatchObject({ ok: true, value: { head: { eventId } } });
  });

  it.each([
    ['one of its documents cannot be read', () => fileOf(doc(Uint8Array.of(9, 9, 9)))],
    ['its results are none that a relay has written', () => fileOf(doc(roster(3)), fact('official', '{"eventId":1}'))],
    ['its results are none that a relay has written', () => fileOf(doc(roster(3)), fact('external-result', 'no JSON'))],
    [
      'the packed bytes are cut or changed',
      () => {
        const path = fileOf(doc(roster(1000)));
        const bytes = readFileSync(path);
        writeFileSync(`${path}.cut`, bytes.subarray(0, bytes.length - 20));
        return `${path}.cut`;
      },
    ],
  ])('is damaged: %s', async (message, path) => {
    expect(await checkArchiveApart(path())).toEqual(
      err({ type: 'damaged', message: expect.stringContaining(message) }),
    );
  });

  it('comes entry by entry, the next ones once these were taken, whole whatever they weigh', async () => {
    const [small, large] = [roster(1), roster(4000)];
    const updates = Array.from({ length: 200 }, (_, index) => (index % 9 === 0 ? large : small));
    const path = fileOf(...updates.map(doc));
    const told: ArchiveEntry[] = [];
    let taking = 0;
    const read = await readArchiveApart(path, async (entry) => {
      expect(++taking).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      told.push(entry);
      taking--;
      return ok(undefined);
    });
    expect(read.ok).toBe(true);
    const docs = told.flatMap((entry) => ('doc' in entry ? [Buffer.from(entry.doc.update)] : []));
    expect(Buffer.concat(docs).equals(Buffer.concat(updates))).toBe(true);
    expect(docs).toHaveLength(updates.length);
    expect(told).toHaveLength(updates.length + 3);
  });

  it('ends with the first failure of who takes it', async () => {
    let taken = 0;
    const read = await readArchiveApart(fileOf(...Array.from({ length: 200 }, () => doc(roster(1)))), () =>
      ++taken === 70 ? err('no more' as const) : ok(undefined),
    );
    expect([read, taken]).toEqual([err('no more'), 70]);
  });

  it('that is no file fails, and says so', async () => {
    await expect(checkArchiveApart(join(directory, 'none'))).rejects.toThrow('the thread that reads archives failed');
  });
});

it('parts come back whole, however they are cut and whatever letters are in them', async () => {
  const text = `${'ä😀z'.repeat(60_000)}\n${'x'.repeat(300_000)}`;
  const pack = async (size: number): Promise<string> => {
    async function* parts(): AsyncGenerator<string> {
      const letters = [...text];
      for (let at = 0; at < letters.length; at += size) yield letters.slice(at, at + size).join('');
    }
    const packed: Uint8Array[] = [];
    for await (const bytes of packTexts(parts())) packed.push(Uint8Array.from(bytes));
    const path = join(directory, `packed-${size}`);
    writeFileSync(path, Buffer.concat(packed));
    const back: Uint8Array[] = [];
    for await (const bytes of unpackFile(path)) back.push(bytes);
    return Buffer.concat(back).toString('utf8');
  };
  for (const size of [777, 50_000, 1_000_000]) expect((await pack(size)) === text).toBe(true);
});
