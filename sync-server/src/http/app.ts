import type { RequestListener } from 'node:http';
import { refusal } from '@baton/schema/errors';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { createSerial, type Serial } from '../registry/serial.ts';
import type { RelayCore } from '../relay-core.ts';
import { createReadiness } from '../watching/readiness.ts';
import type { OnRefusal } from '../watching/refusals.ts';
import { sightOf } from '../watching/relay-sight.ts';
import { activationRoutes } from './activation.ts';
import { archiveRoutes } from './archive.ts';
import { backupRoutes } from './backup.ts';
import { createBodyTimes } from './body-time.ts';
import { chunkRoutes } from './chunks.ts';
import type { HttpContext, HttpOptions } from './context.ts';
import { createDoor } from './door.ts';
import { epochRoutes } from './epochs.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './exports.ts';
import { adapt, createSendRefusal, type SendRefusal } from './express-adapter.ts';
import { createFirstRows } from './first-rows.ts';
import { forwarderRoutes } from './forwarders.ts';
import { securityHeaders } from './headers.ts';
import { healthRoutes } from './health.ts';
import { ingestRoutes } from './ingest.ts';
import { linkRoutes } from './links.ts';
import { liveStream } from './live.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { nodeRoutes } from './nodes.ts';
import { officialRoutes } from './official.ts';
import { createPages } from './pages.ts';
import { pullRoutes } from './pull.ts';
import { raceRoutes } from './races.ts';
import { readRoutes } from './reads.ts';
import { relayRoutes } from './relay-status.ts';
import { createRequestTraces } from './request-trace.ts';
import { resultRoutes } from './results.ts';
import { rosterRoutes } from './roster.ts';
import type { Route } from './route.ts';
import { spectatorRoutes } from './spectators.ts';
import { streamRoutes } from './streams.ts';
import { tokenRoutes } from './tokens.ts';

export type { HttpOptions } from './context.ts';

/** Every route of the API, one list for each resource. */
export const allRoutes = (context: HttpContext): readonly Route[] => [
  ...healthRoutes(context),
  ...relayRoutes(context),
  ...eventRoutes(context),
  ...tokenRoutes(context),
  ...raceRoutes(context),
  ...rosterRoutes(context),
  ...streamRoutes(context),
  ...epochRoutes(context),
  ...activationRoutes(context),
  ...forwarderRoutes(context),
  ...linkRoutes(context),
  ...nodeRoutes(context),
  ...pullRoutes(context),
  ...chunkRoutes(context),
  ...exportRoutes(context),
  ...backupRoutes(context),
  ...archiveRoutes(context),
  ...readRoutes(context),
  ...resultRoutes(context),
  ...spectatorRoutes(context),
  ...officialRoutes(context),
  ...ingestRoutes(context),
];

/** Stores a record once more as it is; in turn with its other changes, so that none is undone. */
const tryToStore = async ({ registry }: RelayCore, serial: Serial): Promise<void> => {
  const eventId = registry.events()[0]?.eventId;
  if (eventId === undefined) {
    await registry.change([]); // there is nothing to write: the next real write tells
    return;
  }
  await serial.run(`event:${eventId}`, async () => {
    const event = registry.event(eventId);
    if (event !== undefined) await registry.change([{ type: 'putEvent', event }]);
  });
};

export const createContext = (core: RelayCore, options: HttpOptions): HttpContext => {
  const serial = createSerial();
  const sight = sightOf(options.sight, core);
  return {
    core,
    options,
    setups: core.setups,
    rosters: core.rosters,
    serial,
    metrics: options.metrics ?? createMetrics(),
    sight,
    readiness: createReadiness({
      sight,
      timers: core.timers,
      journal: core.journal,
      stuckMs: options.writerStuckMs,
      tryToStore: () => tryToStore(core, serial),
    }),
    traces: createRequestTraces(core.ids),
    bodies: createBodyTimes(core.timers),
    startedAt: core.clock.now(),
  };
};

/** Express and its parts mark what the asker did wrong with a status below 500. */
const isAskersFault = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'status' in error &&
  typeof error.status === 'number' &&
  error.status >= 400 &&
  error.status < 500;

/** What a peer does by leaving in the middle of an answer. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';

/** Nothing of an error but its kind leaves the relay; its log has the rest. */
const createErrorHandler =
  ({ core, traces }: HttpContext, refuse: SendRefusal): ErrorRequestHandler =>
  (error, request, response, _next) => {
    if (isGone(error)) return;
    if (response.headersSent) {
      core.journal.error('an answer broke off', { ...traces.fields(request), cause: String(error) });
      // the short answer must be seen to be short
      response.destroy();
    } else if (isAskersFault(error)) {
      refuse(
        response,
        refusal('BAD_REQUEST', 'the request cannot be read; check its path', {
          fields: { '(path)': 'expected UTF-8, percent-encoded' },
        }),
      );
    } else {
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
      core.journal.error('a request failed', { ...traces.fields(request), cause });
      refuse(response, refusal('INTERNAL_ERROR', 'the relay could not answer; its log has the cause'));
    }
  };

/** Counts refusals by code, of HTTP and of sockets alike. */
export const refusalCounter = (metrics: Metrics): OnRefusal => {
  const counter = metrics.counter('baton_refusals_total', 'refused requests, messages and connections by code', 'code');
  return (code) => counter.add(code);
};

/** Counts answers by the first digit of their status, once they are out. */
const countAnswers = (metrics: Metrics): RequestHandler => {
  const answers = metrics.counter(
    'baton_http_answers_total',
    'answers over HTTP by the class of their status',
    'status',
  );
  return (_request, response, next) => {
    response.once('finish', () => answers.add(`${Math.floor(response.statusCode / 100)}xx`));
    next();
  };
};

/** The HTTP side of a relay: the API under `/api/v1`, health at the root, and the pages. */
export const createHttpApp = (core: RelayCore, options: HttpOptions): RequestListener => {
  const context = createContext(core, options);
  const refuse = createSendRefusal(options.onRefusal ?? refusalCounter(context.metrics), context.traces);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  app.use((request, response, next) => {
    context.bodies.begin(request, response);
    next();
  });
  app.use(context.traces.begin);
  app.use(countAnswers(context.metrics));
  app.use(securityHeaders);
  app.use(createDoor(options.allowOrigins, refuse));
  for (const route of allRoutes(context)) app[route.method](route.path, adapt(context, route, refuse));
  app.get('/api/v1/live/sse', liveStream(context, refuse));
  if (options.pagesDir !== null) {
    app.use(createPages(options.pagesDir, { ...core, firstRows: createFirstRows(core) }));
  }
  app.use((_request, response) => refuse(response, refusal('NOT_FOUND', 'there is no such address')));
  app.use(createErrorHandler(context, refuse));
  return app;
};
