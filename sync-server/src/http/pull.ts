import { setupView } from '@baton/schema/doc';
import type { Refusal } from '@baton/schema/errors';
import { refusal } from '@baton/schema/errors';
import { type BatchBody, type PullBody, PullRequest, type PullWarning, type ReadBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import {
  clockAt,
  clockFromJson,
  clockToJson,
  mergeClocks,
  type Pair,
  type PairKey,
  pairKey,
  type VectorClock,
} from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import { resolveSelection, type SelectionWarning } from '@baton/schema/selection';
import type { z } from 'zod';
import { findEvent } from '../auth/lookups.ts';
import { followEpoch, readBody } from '../log/log-reading.ts';
import { streamViews } from '../session/event-view.ts';
import { refuseArchivedAfter } from './archived.ts';
import type { HttpContext } from './context.ts';
import { createNews } from './news.ts';
import { answer, json, type Route, refused, route } from './route.ts';

type Pull = z.output<typeof PullRequest>;

interface Targets {
  readonly pairs: readonly Pair[];
  readonly warnings: readonly PullWarning[];
}

/** `no-current-epoch-mapped` is `NO_CURRENT_EPOCH_MAPPED` on HTTP, as all codes are. */
const toWarning = (warning: SelectionWarning): PullWarning => ({
  code: warning.type.toUpperCase().replaceAll('-', '_'),
  message: warning.message,
  ...('streamId' in warning ? { streamId: warning.streamId } : {}),
  ...('epoch' in warning ? { epoch: warning.epoch } : {}),
});

const targetsAsGiven = ({ core }: HttpContext, eventId: EventId, pairs: readonly Pair[]): Targets => {
  const isOurs = ({ streamId }: Pair): boolean => core.registry.stream(streamId)?.eventId === eventId;
  const unknown = pairs.filter((pair) => !isOurs(pair));
  return {
    pairs: pairs.filter(isOurs),
    warnings: unknown.map(({ streamId }) => ({
      code: 'UNKNOWN_STREAM',
      message: `stream ${streamId} has not been seen in this event`,
      streamId,
    })),
  };
};

const findTargets = async (context: HttpContext, eventId: EventId, pull: Pull): Promise<Result<Targets, Refusal>> => {
  if (pull.selection === undefined) return ok(targetsAsGiven(context, eventId, pull.targets ?? []));
  const setup = await context.setups.read(eventId);
  const resolved = resolveSelection(pull.selection, setupView(setup), streamViews(context.core.registry, eventId));
  if (resolved.type === 'unknown-race')
    return err(refusal('UNKNOWN_RACE', 'the selection names no race of this event'));
  return ok({ pairs: resolved.targets, warnings: resolved.warnings.map(toWarning) });
};

const behindWarnings = ({ core }: HttpContext, pairs: readonly Pair[], clock: VectorClock): readonly PullWarning[] =>
  pairs.flatMap((pair) => {
    const [held, head] = [clockAt(clock, pair), core.log.head(pair)];
    if (held <= head) return [];
    const message = `you hold ${held} reads of ${pair.streamId} epoch ${pair.epoch}, the relay ${head}: it was restored from an older copy, or is being refilled`;
    return [{ code: 'RELAY_BEHIND', message, ...pair }];
  });

/** JSON of a read beside its raw bytes, about. */
const READ_OVERHEAD = 130;

const sizeOf = (read: ReadBody): number => read.raw.length + READ_OVERHEAD;

/** Reads that are newer than the clock, pair by pair, up to `maxBytes` (by estimate) and at least one. */
const collect = async (
  { core }: HttpContext,
  pairs: readonly Pair[],
  clock: VectorClock,
  maxBytes: number,
): Promise<readonly BatchBody[]> => {
  const batches: BatchBody[] = [];
  let bytes = 0;
  for (const pair of pairs) {
    const after = clockAt(clock, pair);
    const reads: ReadBody[] = [];
    for await (const found of followEpoch(core.log, pair, after, core.log.head(pair))) {
      for (const read of found.map(readBody)) {
        if (bytes > 0 && bytes + sizeOf(read) > maxBytes) break;
        bytes += sizeOf(read);
        reads.push(read);
      }
      if (bytes >= maxBytes || reads.length === 0 || reads.at(-1)?.seq !== found.at(-1)?.seq) break;
    }
    if (reads.length > 0) batches.push({ ...pair, firstSeq: after + 1, reads });
    if (bytes >= maxBytes) break;
  }
  return batches;
};

const keyOf = (pair: Pair): PairKey => pairKey(pair.streamId, pair.epoch);

const bodyOf = (
  { core }: HttpContext,
  targets: Targets,
  clock: VectorClock,
  batches: readonly BatchBody[],
  behind: readonly PullWarning[],
): PullBody => {
  const told = new Map(batches.map((batch) => [keyOf(batch), batch.reads.at(-1)?.seq ?? 0]));
  const after = mergeClocks(clock, told);
  const heads = new Map(targets.pairs.map((pair) => [keyOf(pair), core.log.head(pair)]));
  return {
    batches: [...batches],
    clock: clockToJson(after),
    head: clockToJson(heads),
    upToDate: targets.pairs.every((pair) => clockAt(after, pair) >= core.log.head(pair)),
    warnings: [...targets.warnings, ...behind],
  };
};

/** Long polls that may wait at once; what comes beyond is answered without waiting. */
const MAX_WAITING = 2000;

/** Counts who waits. */
interface Waiting {
  count: number;
}

/** Answers at once when there is something to tell, else when there is, else when the time is over. */
const pullUntilNews = async (
  context: HttpContext,
  eventId: EventId,
  pull: Pull,
  signal: AbortSignal,
  waiting: Waiting,
): Promise<Result<PullBody, Refusal>> => {
  const clock = clockFromJson(pull.clock);
  const deadline = context.core.timers.mono() + pull.waitMs;
  // listens before it looks, so that nothing falls between
  const news = createNews(context, eventId, signal);
  try {
    for (;;) {
      const targets = await findTargets(context, eventId, pull);
      if (!targets.ok) return targets;
      const archived = refuseArchivedAfter(context.core.registry, targets.value.pairs, clock);
      if (archived !== null) return err(archived);
      const batches = await collect(context, targets.value.pairs, clock, pull.maxBytes);
      const left = deadline - context.core.timers.mono();
      if (batches.length > 0 || left <= 0 || signal.aborted || waiting.count >= MAX_WAITING) {
        return ok(bodyOf(context, targets.value, clock, batches, behindWarnings(context, targets.value.pairs, clock)));
      }
      waiting.count++;
      await news.next(targets.value.pairs, left);
      waiting.count--;
    }
  } finally {
    news.stop();
  }
};

/** Pull by vector clock. */
export const pullRoutes = (context: HttpContext): readonly Route[] => {
  const waiting: Waiting = { count: 0 };
  return [
    route({
      method: 'post',
      path: '/api/v1/events/:eventId/pull',
      action: 'reads.read',
      body: PullRequest,
      run: async ({ grant, params, body, signal }) => {
        const event = findEvent(context.core, grant, 'reads.read', params['eventId']);
        if (!event.ok) return refused(event.error);
        return answer(await pullUntilNews(context, event.value.eventId, body, signal, waiting), (it) => json(it));
      },
    }),
  ];
};
