import { allowed } from '../auth/lookups.ts';
import type { HttpContext } from './context.ts';
import { registerRelayMetrics } from './relay-metrics.ts';
import { json, type Reply, type Route, refused, route } from './route.ts';

const ready = async ({ readiness }: HttpContext): Promise<Reply> => {
  const reasons = await readiness.check();
  return reasons.length === 0 ? json({ status: 'ok' }) : json({ status: 'unavailable', reasons }, {}, 503);
};

/** What an operator's monitoring asks: is it alive, can it store, how busy is it. */
export const healthRoutes = (context: HttpContext): readonly Route[] => {
  const { options, metrics } = context;
  const action = options.publicMetrics ? 'relay.ping' : 'relay.metrics';
  registerRelayMetrics(context);
  return [
    // alive as long as it answers at all
    route({ method: 'get', path: '/healthz', action: 'relay.ping', run: () => json({ status: 'ok' }) }),
    route({ method: 'get', path: '/readyz', action: 'relay.ping', run: () => ready(context) }),
    route({
      method: 'get',
      path: '/metrics',
      action,
      run: ({ grant }) => {
        const may = allowed(grant, action, null);
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
