import { mapEpoch, readSetup } from '@baton/schema/doc';
import { NodeId } from '@baton/schema/ids';
import { decodeBatch, pairFromKey } from '@baton/schema/reads';
import { createVirtualTime } from '@baton/testkit';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { createMemoryDisk } from '../../src/storage/memory/memory-disk.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { addRace, OTHER_RACE, RACE } from '../support/relay-parts.ts';
import { createFieldParts, type FieldParts, manualSelection, raceSelection, streamOf } from './support/field-parts.ts';
import { createModelForwarder, FORWARDER } from './support/model-forwarder.ts';
import { createModelReceiver, keyOf, type ModelReceiver } from './support/model-receiver.ts';

const READERS = ['10.0.0.5:10000', 'mat 2'];

// repeated values are likelier ones: steps that meet each other are what is looked for
const EPOCHS = [1, 1, 1, 2, 2, 3];
const RACES = [RACE, RACE, RACE, OTHER_RACE];

const reader = fc.constantFrom(...READERS);
const raceId = fc.constantFrom(...RACES);
const back = fc.constantFrom(true, true, true, false);
const receiver = fc.integer({ min: 0, max: 1 });
const selection = fc.oneof(
  { weight: 1, arbitrary: fc.record({ mode: fc.constant('manual' as const), readers: fc.uniqueArray(reader) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      mode: fc.constant('race' as const),
      raceId,
      scope: fc.constantFrom('all' as const, 'all' as const, 'current' as const),
    }),
  },
);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('push' as const), reader, count: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('resend' as const), reader }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('loseJournal' as const), reader }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('ack' as const), receiver, share: fc.constantFrom(0, 0.5, 0.9, 1) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('map' as const),
      reader,
      epoch: fc.constantFrom(...EPOCHS),
      raceId: fc.option(raceId, { freq: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('activate' as const), reader, raceId }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('select' as const), receiver, selection }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('cutReceiver' as const), receiver, back }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('cutForwarder' as const), back }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('takeOver' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Wanted = typeof selection extends fc.Arbitrary<infer T> ? T : never;

/** Steps of one turn are begun together: nothing settles between them. */
const turns = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.tuple(step) }, { weight: 1, arbitrary: fc.tuple(step, step, step) }),
  { maxLength: 40, size: 'max' },
);

const wireOf = (it: Wanted): object =>
  it.mode === 'race'
    ? raceSelection(it.raceId, it.scope)
    : manualSelection(...it.readers.map((name) => [FORWARDER, name] as const));

const createWorld = async () => {
  const time = createVirtualTime();
  const disk = createMemoryDisk();
  const open = (): Promise<FieldParts> =>
    createFieldParts({ store: createMemoryStore(disk), timers: time.timers, onFailure: () => {} });
  let parts = await open();
  await addRace(parts, RACE, '10 km');
  await addRace(parts, OTHER_RACE, '5 km');
  const forwarder = createModelForwarder(() => parts, READERS);
  const receivers = ['r1', 'r2'].map((id) => createModelReceiver(() => parts, id));
  /** What each receiver selects, in words the naive resolver knows. */
  const wanted: Wanted[] = receivers.map(() => ({ mode: 'manual', readers: [] }));
  const mappings = new Map<string, string>();
  await forwarder.connect();
  for (const it of receivers) await it.connect();
  return {
    time,
    parts: () => parts,
    forwarder,
    receivers,
    wanted,
    mappings,
    /** Lines by epoch and number, as first seen by anybody (P4). */
    seen: new Map<string, string>(),
    restart: async (): Promise<void> => {
      forwarder.cut();
      for (const it of receivers) it.cut();
      await parts.store.close();
      parts = await open();
      await forwarder.connect();
      for (const it of receivers) await it.connect();
    },
  };
};
type World = Awaited<ReturnType<typeof createWorld>>;

/** The pairs a selection means, computed as simply as can be. */
const targetsOf = (world: World, it: Wanted): ReadonlySet<string> => {
  const { registry } = world.parts();
  const targets = new Set<string>();
  for (const name of READERS) {
    const stream = registry.stream(streamOf(FORWARDER, name));
    if (stream === undefined) continue;
    for (let epoch = 1; epoch <= 40; epoch++) {
      const key = keyOf({ reader_ip: name, stream_epoch: epoch });
      const exists =
        epoch === stream.currentEpoch || registry.epoch({ streamId: stream.streamId, epoch }) !== undefined;
      const isMeant =
        it.mode === 'manual'
          ? it.readers.includes(name) && exists
          : world.mappings.get(key) === it.raceId && (it.scope === 'all' || epoch === stream.currentEpoch);
      if (isMeant) targets.add(key);
    }
  }
  return targets;
};

const activate = async (world: World, name: string, race: string): Promise<void> => {
  const { registry, presence, setup } = world.parts();
  const row = registry.stream(streamOf(FORWARDER, name));
  if (row === undefined || !presence.isAttached(row.forwarderId) || row.currentEpoch >= 30) return;
  const epoch = row.currentEpoch + 1;
  world.mappings.set(keyOf({ reader_ip: name, stream_epoch: epoch }), race);
  await setup.edit((doc) => mapEpoch(doc, { streamId: row.streamId, epoch }, race as never));
  const now = registry.stream(row.streamId) ?? row;
  if (now.currentEpoch >= epoch) return;
  await registry.change([{ type: 'putStream', stream: { ...now, currentEpoch: epoch, commandedEpoch: epoch } }]);
  presence.commandEpoch(row.streamId, epoch);
};

const map = async (world: World, it: Extract<Step, { type: 'map' }>): Promise<void> => {
  const key = keyOf({ reader_ip: it.reader, stream_epoch: it.epoch });
  if (it.raceId === null) world.mappings.delete(key);
  else world.mappings.set(key, it.raceId);
  const pair = { streamId: streamOf(FORWARDER, it.reader), epoch: it.epoch };
  await world.parts().setup.edit((doc) => mapEpoch(doc, pair, it.raceId));
};

const reconnect = async (it: Pick<ModelReceiver, 'cut' | 'connect' | 'isConnected'>, back: boolean): Promise<void> => {
  it.cut();
  if (back) await it.connect();
};

const run = async (world: World, it: Step): Promise<void> => {
  const { forwarder, receivers, wanted } = world;
  switch (it.type) {
    case 'push':
      return forwarder.record(it.reader, it.count);
    case 'resend':
      return forwarder.resend(it.reader);
    case 'loseJournal':
      return forwarder.loseJournal(it.reader);
    case 'ack':
      return receivers[it.receiver]?.ack(it.share);
    case 'map':
      return map(world, it);
    case 'activate':
      return activate(world, it.reader, it.raceId);
    case 'select':
      wanted[it.receiver] = it.selection;
      return receivers[it.receiver]?.select(wireOf(it.selection));
    case 'cutReceiver': {
      const one = receivers[it.receiver];
      return one === undefined ? undefined : reconnect(one, it.back);
    }
    case 'cutForwarder':
      return reconnect(forwarder, it.back);
    case 'takeOver':
      return forwarder.connect();
    case 'restart':
      return world.restart();
  }
};

const settle = async (world: World): Promise<void> => {
  await world.forwarder.flush();
  await world.time.advanceAsync(30);
  await world.forwarder.flush();
  await world.time.advanceAsync(30);
};

/** Every line in the log by epoch and number, read from the disk's side of the relay. */
const logged = async (world: World): Promise<ReadonlyMap<string, string>> => {
  const lines = new Map<string, string>();
  const { registry, log } = world.parts();
  for (const name of READERS) {
    const streamId = streamOf(FORWARDER, name);
    for (const { epoch } of registry.epochs(streamId)) {
      for (const stored of await log.read({ streamId, epoch }, 0, 1_000_000)) {
        const batch = decodeBatch(stored.batch);
        if (!batch.ok) throw new Error(batch.error.message);
        for (let index = 0; index < batch.value.count; index++) {
          const text = new TextDecoder().decode(batch.value.rawAt(index));
          lines.set(`${name} ${epoch} ${stored.firstSeq + index}`, text);
        }
      }
    }
  }
  return lines;
};

const checkLog = async (world: World): Promise<void> => {
  const { forwarder, seen } = world;
  const lines = await logged(world);
  for (const [key, acked] of forwarder.acked) {
    for (let seq = 1; seq <= acked; seq++) {
      if (!lines.has(`${key} ${seq}`))
        throw new Error(`[P1] [P2] ${key} is acked up to ${acked}, but ${seq} is not stored`);
    }
  }
  for (const [key, line] of lines) {
    if ((seen.get(key) ?? line) !== line) throw new Error(`[P4] ${key} was "${seen.get(key)}" and is "${line}"`);
    if (!forwarder.written.get(key)?.has(line)) throw new Error(`[P5] nobody wrote "${line}" as ${key}`);
    seen.set(key, line);
  }
  if (!forwarder.isConnected()) return;
  const stored = new Set(lines.values());
  for (const line of forwarder.recorded) if (!stored.has(line)) throw new Error(`[RT-34] "${line}" was lost`);
};

const cursorsOf = (world: World, it: ModelReceiver): ReadonlyMap<string, number> =>
  new Map(
    world
      .parts()
      .registry.cursors(NodeId.parse(it.id))
      .map((cursor) => {
        const reader_ip = world.parts().registry.stream(cursor.streamId)?.reader ?? '';
        return [keyOf({ reader_ip, stream_epoch: cursor.epoch }), cursor.seq];
      }),
  );

/** What became of edits that a restart may have cut off. */
const readMappings = (world: World): void => {
  world.mappings.clear();
  for (const [key, race] of readSetup(world.parts().setup.doc).setup.epochRaces) {
    const pair = pairFromKey(key);
    const name = READERS.find((it) => pair !== null && streamOf(FORWARDER, it) === pair.streamId);
    if (pair !== null && name !== undefined)
      world.mappings.set(keyOf({ reader_ip: name, stream_epoch: pair.epoch }), race);
  }
};

const checkReceiver = (world: World, at: number, before: ReadonlySet<string>, isLoose: boolean): void => {
  const it = world.receivers[at];
  const wanted = world.wanted[at];
  if (it === undefined || wanted === undefined || !it.isConnected()) return;
  const targets = targetsOf(world, wanted);
  for (const event of it.look(isLoose)) {
    const key = `${keyOf(event)} ${event.seq}`;
    if (event.raw_read_line !== world.seen.get(key)) throw new Error(`[P4] [P5] ${it.id} holds other bytes of ${key}`);
    if (!isLoose && !targets.has(keyOf(event)) && !before.has(keyOf(event))) {
      throw new Error(`${it.id} got ${key}, which it never selected`);
    }
  }
  it.settleCursors(cursorsOf(world, it), isLoose);
  for (const key of [...it.last.keys()]) if (!targets.has(key)) it.last.delete(key);
  for (const key of targets) checkComplete(world, it, key);
};

/** Everything its targets hold has come, unless it was acked before. */
const checkComplete = (world: World, it: ModelReceiver, key: string): void => {
  const at = key.lastIndexOf(' ');
  const pair = { streamId: streamOf(FORWARDER, key.slice(0, at)), epoch: Number(key.slice(at + 1)) };
  const head = world.parts().log.head(pair);
  const has = it.last.get(key) ?? it.cursors.get(key) ?? 0;
  if (has !== head) throw new Error(`${it.id} has ${key} up to ${has}, the log up to ${head}`);
};

const runTurns = async (all: readonly (readonly Step[])[]): Promise<void> => {
  const world = await createWorld();
  await settle(world);
  for (const turn of all) {
    const before = world.wanted.map((it) => targetsOf(world, it));
    // a selection, like a reconnect, may begin epochs anew
    for (const it of turn) if (it.type === 'select') world.receivers[it.receiver]?.last.clear();
    await Promise.all(turn.map((it) => run(world, it)));
    await settle(world);
    if (turn.length > 1) readMappings(world);
    await checkLog(world);
    for (const at of world.receivers.keys()) checkReceiver(world, at, before[at] ?? new Set(), turn.length > 1);
    for (const it of world.receivers) if (it.errors().length > 0) throw new Error(JSON.stringify(it.errors()));
  }
};

describe('forwarders and receivers in the field, any sequence', () => {
  it('[P1] [P2] [P3] [P4] [P5] hold after each step of pushing, acking, mapping, activating, selecting, cutting, restarting', async () => {
    await fc.assert(fc.asyncProperty(turns, runTurns), { numRuns: 150 });
  }, 300_000);
});
