import { type Refusal, refusal } from '@baton/schema/errors';
import { err, ok, type Result } from '@baton/schema/result';
import express, { type Request, type Response } from 'express';

/** Largest JSON body: a pull with a clock of some ten thousand entries. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Sizes of bodies as they came: what was parsed may be nested too deep to be written out again. */
const sizes = new WeakMap<object, number>();

const parseJson = express.json({
  verify: (request, _response, bytes) => void sizes.set(request, bytes.length),
  limit: MAX_BODY_BYTES,
  strict: true,
  // a compressed body may be a thousand times what was sent
  inflate: false,
  // whatever it calls itself: it is JSON or it is refused
  type: () => true,
});

const typeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : '';

const refusalOf = (error: unknown): Refusal =>
  typeOf(error) === 'entity.too.large'
    ? refusal('PAYLOAD_TOO_LARGE', `a body has at most ${MAX_BODY_BYTES} bytes`, { limit: MAX_BODY_BYTES })
    : refusal('BAD_REQUEST', 'the body is no JSON object in UTF-8, uncompressed', {
        fields: { '(body)': 'expected JSON' },
      });

/** Bytes of a JSON body that was read. */
export const sizeOfBody = (request: Request): number => sizes.get(request) ?? 0;

/** Reads a JSON body; undefined when there is none. */
export const readJsonBody = (request: Request, response: Response): Promise<Result<unknown, Refusal>> =>
  new Promise((resolve) => {
    parseJson(request, response, (error?: unknown) => {
      resolve(error === undefined ? ok(request.body) : err(refusalOf(error)));
    });
  });
