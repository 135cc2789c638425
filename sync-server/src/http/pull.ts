import { setupView } from '@baton/schema/doc';
import type { Refusal } from '@baton/schema/errors';
import { refusal } from '@baton/schema/errors';
import { type PullBody, PullRequest, type PullWarning } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import {
  clockAt,
  clockFromJson,
  clockToJson,
  mergeClocks,
  type NumberedRead,
  type Pair,
  type PairKey,
  pairKey,
  type VectorClock,
} from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import type { Pace } from '@baton/schema/roster';
import { resolveSelection, type SelectionWarning } from '@baton/schema/selection';
import type { z } from 'zod';
import { findEvent } from '../auth/lookups.ts';
import { followEpoch } from '../log/log-reading.ts';
import { streamViews } from '../session/event-view.ts';
import { refuseArchivedAfter } from './archived.ts';
import type { HttpContext } from './context.ts';
import { jsonStream, PAGE } from './long-json.ts';
import { createNews } from './news.ts';
import { batchBody, batchTexts, type ReadBatch } from './read-batch.ts';
import { answer, json, type Reply, type Route, refused, route } from './route.ts';

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

const sizeOf = ({ raw }: NumberedRead): number => 4 * Math.ceil(raw.length / 3) + READ_OVERHEAD;

/** An answer, with reads as they are in the log. */
interface Pulled extends Omit<PullBody, 'batches'> {
  readonly batches: readonly ReadBatch[];
}

/** Reads of one epoch after `after` for as long as there is room; a first read is taken whatever its size if `mustHaveOne`. */
const newer = async (
  { log, pace }: HttpContext['core'],
  pair: Pair,
  after: number,
  room: number,
  mustHaveOne: boolean,
) => {
  const reads: NumberedRead[] = [];
  let bytes = 0;
  for await (const found of followEpoch(log, pair, after, log.head(pair))) {
    for (const read of found) {
      const isFirst = mustHaveOne && reads.length === 0;
      if (!isFirst && bytes + sizeOf(read) > room) return { reads, bytes: room };
      bytes += sizeOf(read);
      reads.push(read);
    }
    if (pace.isOver()) await pace.rest();
  }
  return { reads, bytes };
};

/** Reads that are newer than the clock, pair by pair, up to `maxBytes` (by estimate) and at least one. */
const collect = async (
  { core }: HttpContext,
  pairs: readonly Pair[],
  clock: VectorClock,
  maxBytes: number,
): Promise<readonly ReadBatch[]> => {
  const batches: ReadBatch[] = [];
  let bytes = 0;
  for (const pair of pairs) {
    const after = clockAt(clock, pair);
    const taken = await newer(core, pair, after, maxBytes - bytes, batches.length === 0);
    bytes += taken.bytes;
    if (taken.reads.length > 0) batches.push({ ...pair, firstSeq: after + 1, reads: taken.reads });
    if (bytes >= maxBytes) break;
  }
  return batches;
};

const keyOf = (pair: Pair): PairKey => pairKey(pair.streamId, pair.epoch);

const bodyOf = (
  { core }: HttpContext,
  targets: Targets,
  clock: VectorClock,
  batches: readonly ReadBatch[],
  behind: readonly PullWarning[],
): Pulled => {
  const told = new Map(batches.map((batch) => [keyOf(batch), batch.reads.at(-1)?.seq ?? 0]));
  const after = mergeClocks(clock, told);
  const heads = new Map(targets.pairs.map((pair) => [keyOf(pair), core.log.head(pair)]));
  return {
    batches,
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
): Promise<Result<Pulled, Refusal>> => {
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

async function* pullTexts({ batches, ...rest }: Pulled, pace: Pace): AsyncGenerator<string> {
  for (const [index, batch] of batches.entries()) {
    yield index === 0 ? '{"batches":[' : ',';
    yield* batchTexts(batch, pace);
  }
  yield `],${JSON.stringify(rest).slice(1)}`;
}

const pullReply = (pulled: Pulled, pace: Pace): Reply => {
  const { batches } = pulled;
  const isLong = batches.reduce((sum, { reads }) => sum + reads.length, 0) > PAGE;
  if (isLong) return jsonStream(pullTexts(pulled, pace));
  return json({ ...pulled, batches: batches.map(batchBody) });
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
        return answer(await pullUntilNews(context, event.value.eventId, body, signal, waiting), (it) =>
          pullReply(it, context.core.pace),
        );
      },
    }),
  ];
};
