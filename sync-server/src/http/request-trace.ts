import type { IncomingMessage } from 'node:http';
import type { Ids, LogFields } from '@baton/schema/ports';
import type { RequestHandler } from 'express';
import type { Grant } from '../auth/grant.ts';
import { askerFields } from '../watching/asker.ts';
import { requestIdOf } from '../watching/request-id.ts';

/** What is known of the requests that are being answered. */
export interface RequestTraces {
  /** Gives each request its id, and tells it in `X-Request-Id`. */
  readonly begin: RequestHandler;
  readonly noteGrant: (request: IncomingMessage, grant: Grant) => void;
  /** For the log: id, method, asker, and the route's pattern; the path itself may hold anything. */
  readonly fields: (request: IncomingMessage) => LogFields;
}

/** Pattern of the route that Express chose; null before it has, or where there is none. */
const patternOf = (request: IncomingMessage): string | null => {
  const route: unknown = 'route' in request ? request.route : null;
  const path: unknown = typeof route === 'object' && route !== null && 'path' in route ? route.path : null;
  return typeof path === 'string' ? path : null;
};

export const createRequestTraces = (ids: Ids): RequestTraces => {
  const known = new WeakMap<IncomingMessage, { readonly requestId: string; readonly grant: Grant | null }>();
  return {
    begin: (request, response, next) => {
      const requestId = requestIdOf(request, ids);
      known.set(request, { requestId, grant: null });
      response.set('X-Request-Id', requestId);
      next();
    },
    noteGrant: (request, grant) => {
      const trace = known.get(request);
      if (trace !== undefined) known.set(request, { ...trace, grant });
    },
    fields: (request) => {
      const trace = known.get(request);
      const { method } = request;
      return {
        requestId: trace?.requestId,
        method: method?.slice(0, 16),
        route: patternOf(request),
        ...askerFields(trace?.grant ?? null),
      };
    },
  };
};
