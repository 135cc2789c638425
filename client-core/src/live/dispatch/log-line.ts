import type { Log } from '@baton/schema/ports';
import { z } from 'zod';
import { type Dispatcher, dispatchFailed, done } from '../dispatcher.ts';

/** A line for the log; the log cuts what is too long. */
export const LogLinePayload = z.object({
  message: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
});
export type LogLinePayload = z.input<typeof LogLinePayload>;

export const createLogLine =
  (log: Log): Dispatcher =>
  async ({ key, payload }) => {
    const parsed = LogLinePayload.safeParse(payload);
    if (!parsed.success) return dispatchFailed('a log line needs {message, level?, fields?}', false);
    const { level, message, fields } = parsed.data;
    log[level](message, { ...fields, key });
    return done;
  };
