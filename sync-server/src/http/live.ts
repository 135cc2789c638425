import type { RequestHandler } from 'express';
import { secretFromHeaders } from '../auth/access.ts';
import { parseStreamQuery } from '../subscriptions/live-sse.ts';
import type { HttpContext } from './context.ts';
import type { SendRefusal } from './express-adapter.ts';

/** Event streams: no answer that ends, so no route as the others are. What is refused is refused in plain HTTP. */
export const liveStream = ({ core, traces }: HttpContext, refuse: SendRefusal): RequestHandler => {
  return (request, response, next) => {
    const secret = secretFromHeaders(request.headers);
    const grant = secret === null ? null : core.access.authenticate(secret, request.socket.remoteAddress);
    if (grant?.ok === false) return refuse(response, grant.error);
    if (grant !== null) traces.noteGrant(request, grant.value);
    const lastEventId = request.headers['last-event-id'];
    const wanted = parseStreamQuery({ ...request.query }, typeof lastEventId === 'string' ? lastEventId : undefined);
    if (!wanted.ok) return refuse(response, wanted.error);
    core.live
      .stream(wanted.value, grant?.value ?? null, response)
      .then((refused) => refused !== null && refuse(response, refused))
      .catch(next);
  };
};
