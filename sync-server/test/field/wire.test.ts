import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '@baton/schema/errors';
import { NodeId } from '@baton/schema/ids';
import { decodeBatch, encodeBatch, MAX_RAW_BYTES, readsOfBatch } from '@baton/schema/reads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRuns } from '../../src/field/ingest-plan.ts';
import { FIELD_ERRORS, fieldRefusalOf } from '../../src/field/wire/error.ts';
import { parseFrame } from '../../src/field/wire/frame.ts';
import { FieldDown, FORWARDER_UP, RECEIVER_UP_V1, RECEIVER_UP_V11 } from '../../src/field/wire/messages.ts';
import { eventOfRead, ReadEvent, readOfEvent } from '../../src/field/wire/read-event.ts';
import { streamOf } from './support/field-parts.ts';

const DOCS = readFileSync(new URL('../../../docs/field-systems.md', import.meta.url), 'utf8');

const ref = { forwarder_id: NodeId.parse('f1'), reader_ip: '10.0.0.5:10000' };
const raw = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new Uint8Array(Buffer.from(text, 'utf8'))),
  fc
    .constantFrom('aa400000000123450a2a01123018455927a7', 'aa400000000123450a2a01123018455927a7\r\n', '\ufeff', '')
    .map((text) => new Uint8Array(Buffer.from(text, 'utf8'))),
);
const text = fc.string({ maxLength: 128 });

describe('reads on the wire of systems in the field', () => {
  it('[P4] any bytes, time and type survive the way through a stored batch, as text or as bytes', () => {
    fc.assert(
      fc.property(raw, text, text, fc.boolean(), (bytes, reader_timestamp, read_type, asBytes) => {
        const sent = eventOfRead(ref, 1, {
          seq: 1,
          raw: bytes,
          receivedAt: 1,
          readerTime: reader_timestamp,
          chip: null,
          kind: read_type,
        });
        const frame = asBytes ? { ...sent, raw_read_line: undefined, raw_frame: [...bytes] } : sent;
        const event = ReadEvent.parse(JSON.parse(JSON.stringify(frame)));
        const batch = decodeBatch(encodeBatch([readOfEvent(event, 7)]));
        if (!batch.ok) throw new Error(batch.error.message);
        const [back] = readsOfBatch(batch.value, 1).map((read) => eventOfRead(ref, 1, read));
        expect(back).toEqual(sent);
      }),
    );
  });

  it('[RT-34] planning loses, adds and reorders nothing within an epoch, and every run fits a batch', () => {
    const event = fc.record({
      reader: fc.constantFrom('a', 'b'),
      epoch: fc.integer({ min: 1, max: 2 }),
      seq: fc.integer({ min: 1, max: 6 }),
      length: fc.constantFrom(1, 40, MAX_RAW_BYTES),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (list, isDense) => {
        const events = list.map((it, index) => ({
          forwarder_id: 'f1',
          reader_ip: it.reader,
          stream_epoch: it.epoch,
          seq: isDense ? index + 1 : it.seq,
          raw_read_line: `${index}`.padEnd(it.length, '.'),
          read_type: 'RAW',
        }));
        const runs = planRuns(events, (reader) => streamOf('f1', reader), 1);
        for (const run of runs) expect(decodeBatch(encodeBatch(run.reads)).ok).toBe(true);
        const planned = (reader: string, epoch: number) =>
          runs
            .filter((run) => run.reader === reader && run.epoch === epoch)
            .flatMap((run) => run.reads.map((read, index) => [run.firstSeq + index, Buffer.from(read.raw).toString()]));
        for (const reader of ['a', 'b']) {
          for (const epoch of [1, 2]) {
            const sent = events.filter((it) => it.reader_ip === reader && it.stream_epoch === epoch);
            expect(planned(reader, epoch)).toEqual(sent.map((it) => [it.seq, it.raw_read_line]));
          }
        }
      }),
    );
  });
});

describe('frames of systems in the field', () => {
  it('[P16] no text breaks the parser', () => {
    const json = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((it) => `{"kind":"forwarder_hello","reader_ips":${it}}`),
    );
    fc.assert(
      fc.property(json, (frame) => {
        expect(['unknown', 'malformed', 'message']).toContain(parseFrame(FORWARDER_UP, frame).type);
      }),
    );
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'the kind %s is unknown, not inherited',
    (kind) => {
      expect(parseFrame(FORWARDER_UP, `{"kind":"${kind}"}`)).toEqual({ type: 'unknown', kind });
    },
  );

  it('says what is wrong with a message, and where', () => {
    expect(
      parseFrame(RECEIVER_UP_V11, '{"kind":"receiver_hello_v11","receiver_id":"r","selection":{"mode":"x"}}'),
    ).toEqual({
      type: 'malformed',
      message: expect.stringMatching(/^receiver_hello_v11: selection\.mode: /),
    });
  });
});

describe('docs/field-systems.md', () => {
  const kinds = [
    ...[FORWARDER_UP, RECEIVER_UP_V1, RECEIVER_UP_V11].flatMap((it) => Object.keys(it)),
    ...FieldDown.options.map((it) => it.shape.kind.value),
  ];

  it.each([...new Set(kinds)])('describes %s', (kind) => {
    expect(DOCS).toContain(`| \`${kind}\` |`);
  });

  it.each(Object.entries(FIELD_ERRORS))(
    'tells of %s whether it is retryable and how the socket ends',
    (code, { retryable, close }) => {
      expect(DOCS).toContain(`| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${close ?? 'stays open'} |`);
    },
  );

  it('every code of the core has one here', () => {
    for (const code of Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[]) {
      const { code: here } = fieldRefusalOf({ type: 'refusal', code, message: '' });
      expect(Object.keys(FIELD_ERRORS)).toContain(here);
    }
  });
});
