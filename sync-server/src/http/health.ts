import type { HttpContext } from './context.ts';
import { allowed } from './lookups.ts';
import { json, type Route, refused, route } from './route.ts';

/** Stores a record once more as it is; in turn with its other changes, so that none is undone. */
const tryToStore = async ({ core, serial }: HttpContext): Promise<void> => {
  const eventId = core.registry.events()[0]?.eventId;
  if (eventId === undefined) return;
  await serial.run(`event:${eventId}`, async () => {
    const event = core.registry.event(eventId);
    if (event !== undefined) await core.registry.change([{ type: 'putEvent', event }]);
  });
};

/** What an operator's monitoring asks: is it alive, can it store, how busy is it. */
export const healthRoutes = (context: HttpContext): readonly Route[] => {
  const { core, options, metrics } = context;

  /** After a refused write the disk is tried anew: nobody else might, and the relay would seem unready for ever. */
  const canStore = async (): Promise<boolean> => {
    if (options.isWritable?.() !== false) return true;
    await tryToStore(context);
    return options.isWritable();
  };

  const registerAll = (): void => {
    metrics.total('baton_reads_acked_total', 'reads stored and acknowledged, of all streams there are', () =>
      core.registry
        .events()
        .flatMap((event) => core.registry.streams(event.eventId))
        .reduce((sum, stream) => sum + stream.accepted, 0),
    );
    metrics.labelled(
      'baton_sockets',
      'open WebSockets by role',
      'gauge',
      'role',
      () => new Map<string, number>([...core.connections.countByRole(), ['spectator', core.spectators.sockets()]]),
    );
    const { eventLoopLagSeconds } = options;
    if (eventLoopLagSeconds !== undefined) {
      metrics.gauge('baton_event_loop_lag_seconds', 'longest delay of the event loop lately', eventLoopLagSeconds);
    }
    metrics.gauge('baton_documents', 'documents in memory', core.docs.size);
    metrics.gauge('baton_document_sockets', 'connections to documents', core.docs.sockets);
  };
  registerAll();
  return [
    // alive as long as it answers at all
    route({ method: 'get', path: '/healthz', action: 'relay.ping', run: () => json({ status: 'ok' }) }),
    route({
      method: 'get',
      path: '/readyz',
      action: 'relay.ping',
      run: async () => ((await canStore()) ? json({ status: 'ok' }) : json({ status: 'unavailable' }, {}, 503)),
    }),
    route({
      method: 'get',
      path: '/metrics',
      action: options.publicMetrics ? 'relay.ping' : 'relay.metrics',
      run: ({ grant }) => {
        const may = allowed(grant, options.publicMetrics ? 'relay.ping' : 'relay.metrics', null);
        if (!may.ok) return refused(may.error);
        return {
          type: 'bytes',
          bytes: Buffer.from(metrics.render()),
          headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
        };
      },
    }),
  ];
};
