import { createWriteStream } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandFailure, integer, type OptionValues, oneOf, requiredText, text } from '@baton/schema/command';
import { orFail, pathPart, relayApi } from './relay-access.ts';

const FORMATS = ['txt', 'csv'] as const;

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** What is read waits for what is written: memory is bounded, however long the export and slow its reader. */
const pour = async (reads: ReadableStream<Uint8Array>, target: Writable, end: boolean): Promise<void> => {
  try {
    await pipeline(Readable.fromWeb(reads as Parameters<typeof Readable.fromWeb>[0]), target, { end });
  } catch (error) {
    if (isErrno(error, 'EPIPE') || isErrno(error, 'ERR_STREAM_PREMATURE_CLOSE')) return; // `… | head` has seen enough
    throw new CommandFailure(`the export was cut: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Writes the reads of a stream to a file or to standard output. */
export const runExport = async (options: OptionValues): Promise<void> => {
  const epoch = integer(options, 'epoch', 1, 0xffff_ffff);
  const format = oneOf(options, 'format', FORMATS) ?? 'txt';
  const out = text(options, 'out');
  const stream = `/streams/${pathPart(requiredText(options, 'stream'))}`;
  const path = `${stream}${epoch === undefined ? '' : `/epochs/${epoch}`}/export.${format}`;
  const reads = orFail(await relayApi(options).stream(path));
  if (out === undefined) await pour(reads, process.stdout, false);
  else await pour(reads, createWriteStream(out), true);
};
