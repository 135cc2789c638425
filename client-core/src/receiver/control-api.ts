import { ERROR_CODES, fieldsOf, type Refusal, refusal, refusalToEnvelope } from '@baton/schema/errors';
import { Epoch, StreamId } from '@baton/schema/ids';
import { Selection } from '@baton/schema/selection';
import { z } from 'zod';
import type { Receiver } from './receiver.ts';

/** A request as far as the control API looks at it. */
export interface ControlRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** Headers `Host` and `Origin`; null when absent. */
  readonly host: string | null;
  readonly origin: string | null;
  readonly body: string;
}

export interface ControlResponse {
  readonly status: number;
  readonly body: unknown;
}

export type ControlHandler = (request: ControlRequest) => Promise<ControlResponse>;

type Controls = Pick<Receiver, 'status' | 'selection' | 'select' | 'streams' | 'repair' | 'connect' | 'disconnect'>;
type Action = (controls: Controls, body: string) => Promise<ControlResponse>;

const okay = (body: unknown): ControlResponse => ({ status: 200, body });

const refuse = (it: Refusal): ControlResponse => ({
  status: ERROR_CODES[it.code].status,
  body: refusalToEnvelope(it),
});

/**
 * A page of any site can make a browser send requests here, and a name that its owner points at 127.0.0.1
 * makes them same-origin (DNS rebinding). Both show in the headers, which pages cannot set.
 */
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

const isLoopbackHost = (host: string | null): boolean => host !== null && LOOPBACK.test(host);

const isLoopbackOrigin = (origin: string | null): boolean =>
  origin === null || LOOPBACK.test(origin.replace(/^https?:\/\//i, ''));

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no selection either
  }
};

const putSelection: Action = async (controls, body) => {
  const selection = Selection.safeParse(parseJson(body));
  if (!selection.success) {
    const expected = 'expected {mode: "manual", streams} or {mode: "race", raceId, epochScope: "all" or "current"}';
    return refuse(refusal('BAD_REQUEST', expected, fieldsOf(selection.error)));
  }
  const stored = await controls.select(selection.data);
  if (!stored.ok) return refuse(refusal('INTERNAL_ERROR', `the selection was not stored: ${stored.error.message}`));
  return okay(selection.data);
};

const RepairRequest = z.strictObject({ streamId: StreamId, epoch: Epoch });
const REPAIR_CODES = { 'not-selected': 'NOT_FOUND', offline: 'CONFLICT', lost: 'UNAVAILABLE' } as const;

const postRepair: Action = async (controls, body) => {
  const pair = RepairRequest.safeParse(parseJson(body));
  if (!pair.success) return refuse(refusal('BAD_REQUEST', 'expected {streamId, epoch}', fieldsOf(pair.error)));
  const repaired = await controls.repair(pair.data);
  if (!repaired.ok) return refuse(refusal(REPAIR_CODES[repaired.error.type], repaired.error.message));
  return okay(controls.status());
};

const ROUTES: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  '/api/v1/status': { GET: async (controls) => okay(controls.status()) },
  '/api/v1/selection': { GET: async (controls) => okay(controls.selection()), PUT: putSelection },
  '/api/v1/streams': { GET: async (controls) => okay({ streams: await controls.streams() }) },
  '/api/v1/repair': { POST: postRepair },
  '/api/v1/connect': {
    POST: async (controls) => {
      controls.connect();
      return okay(controls.status());
    },
  },
  '/api/v1/disconnect': {
    POST: async (controls) => {
      controls.disconnect();
      return okay(controls.status());
    },
  },
};

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The receiver's control API as a function: a request in, a response out, no port needed. */
export const createControlHandler =
  (controls: Controls): ControlHandler =>
  async ({ method, path, host, origin, body }) => {
    if (!isLoopbackHost(host)) return refuse(refusal('FORBIDDEN', 'expected a Host of this machine'));
    if (!isLoopbackOrigin(origin)) return refuse(refusal('FORBIDDEN', 'expected an Origin of this machine, or none'));
    const route = own(ROUTES, path);
    const action = route === undefined ? undefined : own(route, method);
    if (action !== undefined) return action(controls, body);
    const methods = route === undefined ? '' : `; ${path} takes ${Object.keys(route).join(' and ')}`;
    return refuse(refusal('NOT_FOUND', `there is no ${method} ${path.slice(0, 80)}${methods}`));
  };
