import { type ErrorCode, type Refusal, refusal } from '@baton/schema/errors';
import { ok, type Result } from '@baton/schema/result';
import type { Pace } from '@baton/schema/roster';
import { runPaced } from '@baton/schema/roster';
import type { z } from 'zod';
import type { Grant } from '../auth/grant.ts';
import type { Action } from '../auth/policy.ts';
import { parse, parseLists } from './parse-body.ts';

type ReplyHeaders = Readonly<Record<string, string>>;

/** An answer as a value; `express-adapter` sends it. */
export type Reply =
  | { readonly type: 'json'; readonly status: number; readonly body: unknown; readonly headers: ReplyHeaders }
  | { readonly type: 'empty'; readonly status: number; readonly headers: ReplyHeaders }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly headers: ReplyHeaders }
  /** Sent as fast as the peer takes it; cut off when the source fails, so that a short answer is seen to be short. */
  | { readonly type: 'stream'; readonly chunks: AsyncIterable<Uint8Array>; readonly headers: ReplyHeaders }
  | { readonly type: 'refused'; readonly refusal: Refusal };

export const json = (body: unknown, headers: ReplyHeaders = {}, status = 200): Reply => ({
  type: 'json',
  status,
  body,
  headers,
});

export const created = (body: unknown): Reply => json(body, {}, 201);

export const noContent: Reply = { type: 'empty', status: 204, headers: {} };

export const refused = (it: Refusal): Reply => ({ type: 'refused', refusal: it });

export const refuse = (code: ErrorCode, message: string, details?: Readonly<Record<string, unknown>>): Reply =>
  refused(refusal(code, message, details));

/** The value's reply, or the refusal's. */
export const answer = <T>(result: Result<T, Refusal>, reply: (value: T) => Reply): Reply =>
  result.ok ? reply(result.value) : refused(result.error);

/** What a route sees of a request. */
export interface Call<Body, Query> {
  /** Null: no token was offered. */
  readonly grant: Grant | null;
  /** Path parameters, percent-decoded, untrusted. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly query: Query;
  /** The `Accept` header, lower case. */
  readonly accept: string;
  readonly ifNoneMatch: string | null;
  /** Aborts when the asker has gone. */
  readonly signal: AbortSignal;
  /** A body that is no JSON, as it comes, for as long as it comes: for routes without a schema of the body, once they know that the asker may. */
  readonly upload: () => AsyncIterable<Uint8Array>;
  /** The same in memory, if it is no longer than that. */
  readonly readUpload: (maxBytes: number) => Promise<Result<Uint8Array, Refusal>>;
}

export interface RouteSpec<Body, Query> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In Express's syntax, below the root. */
  readonly path: string;
  /** Whoever may never do this is refused before the body is read; the route itself asks about the event. */
  readonly action: Action;
  readonly body?: z.ZodType<Body>;
  /** Fields of the body that may be long lists, with their limits: of those some hundred items are looked at at a time. */
  readonly lists?: Readonly<Record<string, number>>;
  readonly query?: z.ZodType<Query>;
  readonly run: (call: Call<Body, Query>) => Promise<Reply> | Reply;
}

/** What the adapter knows of a request before anything of it was parsed. */
export interface RawCall extends Omit<Call<unknown, unknown>, 'body'> {
  readonly pace: Pace;
  readonly readBody: () => Promise<Result<unknown, Refusal>>;
}

/** A route whose types are closed over. */
export interface Route extends Pick<RouteSpec<unknown, unknown>, 'method' | 'path' | 'action'> {
  readonly handle: (call: RawCall) => Promise<Reply>;
}

/** Closes over the types of body and query: parsed once, then never doubted. */
export const route = <Body = undefined, Query = undefined>(spec: RouteSpec<Body, Query>): Route => ({
  method: spec.method,
  path: spec.path,
  action: spec.action,
  handle: async (call) => {
    const query = parse(spec.query, call.query, 'query');
    if (!query.ok) return refused(query.error);
    const read = spec.body === undefined ? ok(undefined) : await call.readBody();
    if (!read.ok) return refused(read.error);
    const body =
      spec.body !== undefined && spec.lists !== undefined
        ? await runPaced(parseLists(spec.body, read.value, spec.lists), call.pace)
        : parse(spec.body, read.value, 'body');
    return body.ok ? spec.run({ ...call, query: query.value, body: body.value }) : refused(body.error);
  },
});
