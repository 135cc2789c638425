import type { Refusal } from '@baton/schema/errors';
import type { Request, RequestHandler, Response } from 'express';
import { refuseAtDoor } from '../auth/origin.ts';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/** What a browser on another, allowed origin needs to see. */
const allowCrossOrigin = (response: Response, origin: string): void => {
  response.set('Access-Control-Allow-Origin', origin);
  response.set('Access-Control-Expose-Headers', 'ETag, Baton-Head, Baton-First-Seq, X-Request-Id');
  response.vary('Origin');
};

const answerPreflight = (response: Response): void => {
  response.set('Access-Control-Allow-Methods', METHODS);
  response.set('Access-Control-Allow-Headers', 'Authorization, Content-Type, If-None-Match');
  response.set('Access-Control-Max-Age', '600');
  response.status(204).end();
};

/** Refuses tokens in URLs and foreign origins, before anything of the request is read. */
export const createDoor =
  (allowOrigins: readonly string[], send: (response: Response, refusal: Refusal) => void): RequestHandler =>
  (request: Request, response, next) => {
    const why = refuseAtDoor(request.originalUrl, request.headers, allowOrigins);
    if (why !== null) return send(response, why);
    const { origin } = request.headers;
    if (origin !== undefined && allowOrigins.includes(origin)) {
      allowCrossOrigin(response, origin);
      if (request.method === 'OPTIONS') return answerPreflight(response);
    }
    next();
  };
