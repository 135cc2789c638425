import type { Readable } from 'node:stream';
import { type Refusal, refusal } from '@baton/schema/errors';
import { err, ok, type Result } from '@baton/schema/result';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import type { Request } from 'express';

type Upload = Result<Uint8Array, Refusal>;

const tooLarge = (limit: number): Refusal =>
  refusal('PAYLOAD_TOO_LARGE', `a file has at most ${limit} bytes: send it in parts`, { limit });

const bad = (message: string): Upload => err(refusal('BAD_REQUEST', message, { fields: { '(body)': message } }));

const BROKE_OFF = 'the body broke off before its end';

/**
 * What a stream brings, up to a limit; past it nothing more is kept. It is copied as it comes: to put megabytes together at the
 * end would hold up the event loop.
 */
const collect = (source: Readable, limit: number, announced: number): Promise<Upload> =>
  new Promise((resolve) => {
    let bytes = Buffer.allocUnsafeSlow(Math.min(announced, limit));
    let size = 0;
    const refuse = (): void => {
      bytes = Buffer.alloc(0);
      resolve(err(tooLarge(limit)));
    };
    source.on('data', (chunk: Uint8Array) => {
      const from = size;
      size += chunk.length;
      if (size > limit) return refuse();
      if (size > bytes.length) bytes = Buffer.concat([bytes.subarray(0, from)], Math.min(limit, 2 * size));
      bytes.set(chunk, from);
    });
    source.once('end', () => (size > limit ? refuse() : resolve(ok(bytes.subarray(0, size)))));
    source.once('error', () => resolve(bad(BROKE_OFF)));
    source.once('close', () => resolve(bad(BROKE_OFF)));
  });

/** Beside the one file: a few fields of a form, which nobody looks at. */
const partLimits = (fileSize: number) => ({
  fileSize: fileSize + 1,
  files: 1,
  fields: 20,
  parts: 21,
  fieldSize: 1024,
  fieldNameSize: 100,
  headerPairs: 20,
  headerSize: 4096,
});

const openForm = (request: Request, type: string, limit: number): BusboyInstance | null => {
  try {
    return new Busboy({ headers: { ...request.headers, 'content-type': type }, limits: partLimits(limit) });
  } catch {
    // it throws for a form without a boundary
    return null;
  }
};

/** The one file of a form. */
const collectFile = (request: Request, type: string, limit: number, announced: number): Promise<Upload> =>
  new Promise((resolve) => {
    const form = openForm(request, type, limit);
    if (form === null) return resolve(bad('the form has no boundary in its content type'));
    let file: Promise<Upload> | null = null;
    const end = (upload: Upload): void => {
      request.unpipe(form);
      request.resume();
      resolve(upload);
    };
    form.on('file', (_field, stream) => {
      file = collect(stream, limit, announced);
    });
    for (const limited of ['filesLimit', 'partsLimit', 'fieldsLimit'] as const) {
      form.once(limited, () => end(bad('expected a form with exactly one file')));
    }
    form.on('error', () => end(bad('the form cannot be read; send the list itself as the body')));
    form.once('finish', () => {
      if (file === null) end(bad('the form has no file'));
      else void file.then(end);
    });
    request.once('error', () => end(bad(BROKE_OFF)));
    request.once('close', () => {
      if (!request.complete) end(bad(BROKE_OFF));
    });
    request.pipe(form);
  });

/** A form's boundaries and fields come on top of its file. */
const FORM_OVERHEAD = 64 * 1024;

/** Reads a file that is the body, or the one file of a multipart form, within `limit` bytes. */
export const readUpload = async (request: Request, limit: number): Promise<Upload> => {
  const type = request.headers['content-type'] ?? '';
  const isForm = /^multipart\/form-data\b/i.test(type);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') return bad('the body is compressed; send it as it is');
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit + (isForm ? FORM_OVERHEAD : 0)) return err(tooLarge(limit));
  return isForm ? collectFile(request, type, limit, announced) : collect(request, limit, announced);
};
