import { setupDocName } from '@baton/schema/doc';
import { DOC_MESSAGE, readSaved } from '@baton/schema/protocol';
import { type ConversationName, conversation, RECORDED_VERSIONS, saidBy } from '@baton/testkit/recorded';
import * as decoding from 'lib0/decoding';
import { describe, expect, it } from 'vitest';
import { createEvent, createRace, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';
import { kindOf, meaningOf, type ReplayOptions, replay } from './replay.ts';

const EVENT = 'spring-run';

interface Scene {
  readonly fixture: RelayFixture;
  /** The race that was there before the conversation. */
  readonly raceId: string;
}

const withScene = async (use: (scene: Scene) => Promise<void>): Promise<void> => {
  const fixture = await startRelay();
  try {
    await createEvent(fixture, EVENT);
    await fixture.ask('PATCH', `/api/v1/events/${EVENT}`, { body: { title: 'Spring Run' } });
    const { raceId } = await createRace(fixture, EVENT, '10 km');
    await use({ fixture, raceId });
    expect(fixture.defects).toEqual([]);
  } finally {
    await fixture.close();
  }
};

const isSealed = async ({ fixture }: Scene): Promise<void> => {
  const pair = { streamId: 'gate.mat' as never, epoch: 1 };
  while (fixture.core.registry.epoch(pair)?.sealed !== true) await new Promise((resolve) => setImmediate(resolve));
};

const must = async ({ fixture }: Scene, method: string, path: string, body?: unknown): Promise<void> => {
  const answer = await fixture.ask(method, `/api/v1${path}`, { body });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
};

/** How many of this client's edits are on disk, where a frame says so. */
const savedOf = (frame: string | Uint8Array): number | null => {
  if (typeof frame === 'string' || frame[0] !== DOC_MESSAGE.saved) return null;
  return readSaved(decoding.createDecoder(frame.subarray(1))).messages;
};

interface Part {
  /** Whose token; null: it comes in a message, or there is none. */
  readonly as: readonly [role: string, nodeId?: string] | null;
  readonly needs?: ConversationName;
  readonly how?: Pick<ReplayOptions, 'saysToken' | 'until'>;
  readonly before?: (scene: Scene) => Readonly<Record<string, () => Promise<unknown>>>;
  /** What must hold before the next conversation can be. */
  readonly after?: (scene: Scene) => Promise<void>;
}

const PARTS: Readonly<Record<ConversationName, Part>> = {
  'sync-forwarder': {
    as: ['forwarder', 'gate'],
    before: (scene) => ({ epochCommand: () => must(scene, 'POST', '/streams/gate.mat/reset-epoch') }),
    after: isSealed,
  },
  'sync-receiver': { as: ['receiver', 'tent'], needs: 'sync-forwarder' },
  document: { as: ['operator'], how: { until: (heard) => heard.some((it) => savedOf(it) === 3) } },
  live: {
    as: ['viewer'],
    how: { saysToken: true },
    before: (scene) => ({ event: () => must(scene, 'POST', `/events/${EVENT}/races`, { name: '5 km' }) }),
  },
  'spectator-feed': {
    as: null,
    before: (scene) => ({
      diff: () =>
        must(scene, 'POST', `/events/${EVENT}/ingest/results`, {
          results: [{ raceId: scene.raceId, bib: '7', timeMs: 1_234_500 }],
        }),
    }),
  },
  'field-forwarder': { as: ['forwarder', 'old'] },
  'field-receiver-v1': { as: ['receiver', 'old-1'], needs: 'field-forwarder' },
  'field-receiver-v11': { as: ['receiver', 'old-2'], needs: 'field-forwarder' },
};

/** What today's relay says to yesterday's client. */
const answersTo = async (
  version: string,
  name: ConversationName,
  scene: Scene,
): Promise<readonly (string | Uint8Array)[]> => {
  const { as, needs, how, before, after } = PARTS[name];
  if (needs !== undefined) await answersTo(version, needs, scene);
  const token = as === null ? null : await createToken(scene.fixture, as[0], EVENT, as[1]);
  const actions = before?.(scene);
  const heard = await replay(conversation(version, name), {
    base: scene.fixture.base,
    token,
    ...how,
    ...(actions === undefined ? {} : { before: actions }),
  });
  await after?.(scene);
  return heard;
};

const NAMES = (Object.keys(PARTS) as ConversationName[]).filter((it) => it !== 'document');
const CASES = RECORDED_VERSIONS.flatMap((version) => NAMES.map((name) => [version, name] as const));

describe('a client of an earlier version', () => {
  it('[P26] there is a recording of a version', () => {
    expect(RECORDED_VERSIONS).toContain('0.1');
  });

  it.each(CASES)('[P26] %s, %s: is answered in the same meaning, frame by frame', async (version, name) => {
    await withScene(async (scene) => {
      const now = await answersTo(version, name, scene);
      const then = saidBy('relay', conversation(version, name));
      expect(now.map(kindOf)).toEqual(then.map(kindOf));
      for (const [at, frame] of then.entries()) {
        const meaning = meaningOf(now[at] ?? '""');
        if (typeof frame === 'string') expect(meaning).toMatchObject(meaningOf(frame) as object);
        else expect(meaning).toEqual(meaningOf(frame));
      }
    });
  });

  it.each(RECORDED_VERSIONS)(
    '[P10] [P11] [P26] %s: its edits of a document are merged and said to be saved',
    async (version) => {
      await withScene(async (scene) => {
        const now = await answersTo(version, 'document', scene);
        const then = saidBy('relay', conversation(version, 'document'));
        expect(new Set(now.map(kindOf))).toEqual(new Set(then.map(kindOf)));
        const held = await scene.fixture.core.docs.hold(setupDocName(EVENT as never));
        expect(held.doc.getMap('notes').toJSON()).toEqual({ two: ['second', 2, null] });
        held.release();
      });
    },
  );
});
