import { type SeededRandom, withSeed } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import {
  deskIsComplete,
  epochsOnlyRose,
  relayHoldsAllThatWasSaid,
  relayHoldsWhatItAcked,
  servedEpochs,
  statusOf,
  type Wanted,
  type Written,
} from './support/selection-checks.ts';
import { beginEpoch, type Desk, type Mat, openWorld, type World } from './support/selection-world.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

/** What a story needs besides the world: the races, the receivers, and what was promised on the way. */
interface Story {
  readonly world: World;
  readonly random: SeededRandom;
  readonly long: string;
  readonly short: string;
  readonly all: Desk;
  readonly changing: Desk;
  /** `streamId:epoch` that was ever asked to be of the long race. */
  readonly everLong: Set<string>;
  /** So many lines had been journalled before this epoch was asked for: they belong to earlier ones. */
  readonly late: { readonly mat: Mat; readonly epoch: number; readonly lines: number }[];
  /** What `changing` follows now. */
  wanted: Wanted;
}

type Step = (story: Story) => Promise<void>;

const keyOf = ({ streamId }: Mat, epoch: number): string => `${streamId}:${epoch}`;

/** Waits until the relay has more of what keeps coming: so the next step meets it at work. */
const flowing = async ({ world }: Story): Promise<void> => {
  const before = world.mats[0].flow.said().length;
  await until('lines flow', () => world.mats[0].flow.said().length > before + 40);
};

const mapTo = async ({ world, everLong, long }: Story, mat: Mat, epoch: number, race: string | null): Promise<void> => {
  if (race === long) everLong.add(keyOf(mat, epoch));
  await until(`${mat.streamId} epoch ${epoch} is mapped`, async () => {
    const path = `/streams/${mat.streamId}/epochs/${epoch}/race`;
    return (await world.event.operator.call('PUT', path, { raceId: race })).status === 200;
  });
};

const tryBegin = async (story: Story, mat: Mat, race: string | null): Promise<number | null> => {
  // the answer may be lost where the mapping is not: every number it could have been
  if (race === story.long) for (let ahead = 1; ahead <= 2; ahead++) story.everLong.add(keyOf(mat, mat.top + ahead));
  return beginEpoch(story.world, mat, race);
};

const begin = async (story: Story, mat: Mat, race: string | null): Promise<number> => {
  const epoch = await until(`the next epoch of ${mat.streamId} begins`, async () => {
    await epochsOnlyRose(story.world);
    return (await tryBegin(story, mat, race)) ?? undefined;
  });
  await epochsOnlyRose(story.world);
  return epoch;
};

const relayIsKilled: Step = async ({ world }) => {
  await world.relayDies();
  await world.relayLives();
};

/** The reader has no memory: what it says to nobody is lost, so it is quiet meanwhile. The relay may lack much of it. */
const forwarderIsKilled: Step = async ({ world }) => {
  await world.quiet();
  await world.forwarderDies();
  await world.forwarderLives();
  world.resume();
};

const deskIsKilled =
  (choose: (story: Story) => Desk): Step =>
  async (story) => {
    await choose(story).die();
    await flowing(story);
    await choose(story).live();
  };

const mappingIsTakenAndGivenBack: Step = async (story) => {
  const mat = story.random.pick(story.world.mats);
  const epoch = mat.top;
  await mapTo(story, mat, epoch, null);
  await flowing(story);
  await mapTo(story, mat, epoch, story.long);
};

const nextOfLong: Step = async (story) => void (await begin(story, story.random.pick(story.world.mats), story.long));
const nextOfShort: Step = async (story) => void (await begin(story, story.random.pick(story.world.mats), story.short));
const nextOfNone: Step = async (story) => void (await begin(story, story.random.pick(story.world.mats), null));

const twoOperatorsAtOnce: Step = async (story) => {
  const mat = story.random.pick(story.world.mats);
  await begin(story, mat, story.long);
  const both = await Promise.all([tryBegin(story, mat, story.long), tryBegin(story, mat, story.short)]);
  const given = both.filter((it) => it !== null);
  expect(new Set(given).size).toBe(given.length);
};

/** Lines of the old epoch are still in the journal when the next begins: they stay in the old one. */
const nextWhileForwarderReturns: Step = async (story) => {
  const { world, random } = story;
  const mat = random.pick(world.mats);
  await epochsOnlyRose(world);
  await world.quiet();
  await world.relayDies();
  await mat.flow.burst(300);
  await world.quiet();
  await world.forwarderDies();
  await world.relayLives();
  const lines = mat.flow.said().length;
  await relayHoldsWhatItAcked(world);
  const returning = world.forwarderLives();
  const epoch = await begin(story, mat, story.long);
  await returning;
  world.resume();
  story.late.push({ mat, epoch, lines });
};

/** The epoch has begun at the relay, the forwarder died before it heard of it, or that its last lines were stored. */
const nextUnheardByForwarder: Step = async (story) => {
  const { world, random } = story;
  const mat = random.pick(world.mats);
  await begin(story, mat, story.short);
  await world.quiet();
  await mat.flow.burst(300);
  await world.quiet();
  world.forwarderFreezes();
  const lines = mat.flow.said().length;
  const epoch = await begin(story, mat, story.long);
  await world.forwarderDies();
  await world.forwarderLives();
  world.resume();
  story.late.push({ mat, epoch, lines });
};

const relayDiesInTheMiddle: Step = async (story) => {
  const mat = story.random.pick(story.world.mats);
  await epochsOnlyRose(story.world);
  await Promise.all([tryBegin(story, mat, story.long), story.world.relayDies()]);
  await story.world.relayLives();
};

const selectionChanges: Step = async (story) => {
  const { random, long, short, changing } = story;
  story.wanted = { raceId: random.pick([long, short]), epochScope: random.pick(['all', 'current']) };
  const response = await fetch(`${changing.control()}/api/v1/selection`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode: 'race', ...story.wanted }),
  });
  expect(response.status).toBe(200);
};

const DECK: readonly (readonly [string, Step])[] = [
  ['the relay is killed', relayIsKilled],
  ['the relay is killed again', relayIsKilled],
  ['the relay is killed while an epoch begins', relayDiesInTheMiddle],
  ['the forwarder is killed', forwarderIsKilled],
  ['the receiver of all epochs is killed', deskIsKilled((story) => story.all)],
  ['the other receiver is killed', deskIsKilled((story) => story.changing)],
  ['a mapping is taken and given back', mappingIsTakenAndGivenBack],
  ['another mapping is taken and given back', mappingIsTakenAndGivenBack],
  ['the next epoch, of the long race', nextOfLong],
  ['the next epoch, of the short race', nextOfShort],
  ['the next epoch, of no race', nextOfNone],
  ['two operators begin an epoch at once', twoOperatorsAtOnce],
  ['the next epoch while the forwarder returns', nextWhileForwarderReturns],
  ['the next epoch, unheard by the forwarder', nextUnheardByForwarder],
  ['the selection changes', selectionChanges],
  ['the selection changes again', selectionChanges],
];

const openStory = async (stage: Stage, random: SeededRandom): Promise<Story> => {
  const world = await openWorld(stage);
  const [long, short] = [await world.event.race('42 km'), await world.event.race('10 km')];
  const wanted: Wanted = { raceId: long, epochScope: 'current' };
  const all = await world.openDesk('all', ['--race', long, '--scope', 'all']);
  const changing = await world.openDesk('changing', ['--race', long, '--scope', 'current']);
  const story: Story = { world, random, long, short, all, changing, everLong: new Set(), late: [], wanted };
  for (const mat of world.mats) await mapTo(story, mat, 1, long);
  return story;
};

interface TakenMapping {
  readonly mat: Mat;
  readonly epoch: number;
  /** All lines of the mat that were said while it could still be delivered. */
  readonly saidBefore: number;
}

const targetsOf = async (desk: Desk): Promise<readonly string[]> =>
  (await statusOf(desk)).streams.map(({ streamId, epoch }) => `${streamId}:${epoch}`);

/** Takes the mapping of an epoch that goes on; gives how much of it can have been delivered before. */
const lastMappingIsTaken = async (story: Story, mat: Mat): Promise<TakenMapping> => {
  const epoch = await begin(story, mat, story.long);
  await until('the new epoch is a target', async () => (await targetsOf(story.all)).includes(keyOf(mat, epoch)));
  await flowing(story);
  await mapTo(story, mat, epoch, null);
  await until('it is none any more', async () => !(await targetsOf(story.all)).includes(keyOf(mat, epoch)));
  const saidBefore = mat.flow.said().length;
  await flowing(story);
  await flowing(story);
  return { mat, epoch, saidBefore };
};

/** How many lines were written to a mat's epochs before this one. */
const linesBefore = (written: Written, mat: Mat, epoch: number): number =>
  [...(written.get(mat.streamId) ?? [])].reduce((sum, [it, lines]) => sum + (it < epoch ? lines.length : 0), 0);

/** The receiver is complete and serves all of each target; gives the reads served of every epoch, by `streamId:epoch`. */
const deskServes = async (stage: Stage, { world }: Story, written: Written, desk: Desk, wanted: Wanted) => {
  const targets = await deskIsComplete(world, desk, wanted);
  const served = new Map<string, number>();
  for (const mat of world.mats) {
    const epochs = await servedEpochs(desk, mat, written, stage.onEnd);
    for (const [epoch, lines] of epochs) served.set(keyOf(mat, epoch), lines);
  }
  for (const { streamId, epoch, held } of targets) expect(served.get(`${streamId}:${epoch}`) ?? 0).toBe(held);
  return served;
};

describe('a selection', () => {
  it('[RT-13][RT-14][RT-19][RT-20][RT-21][RT-30][P1][P2][P3][P4][P5] holds exactly its reads while relay, forwarder and receivers are killed, epochs begin and mappings change', async () => {
    const stage = createStage();
    await withSeed(async (random) => {
      const story = await openStory(stage, random);
      const { world, all, changing, long } = story;
      world.resume();
      const deck = random.shuffled(DECK);
      for (const [name, step] of deck) {
        await flowing(story);
        await step(story).catch((error: unknown) => {
          const order = deck.map(([it]) => it).join('; ');
          throw new Error(`while ${name} (in this order: ${order})`, { cause: error });
        });
        await epochsOnlyRose(world);
      }
      const taken = await lastMappingIsTaken(story, world.mats[1]);

      await world.quiet();
      const written = await relayHoldsAllThatWasSaid(world);
      await epochsOnlyRose(world);
      for (const { mat, epoch, lines } of story.late) {
        expect(linesBefore(written, mat, epoch)).toBeGreaterThanOrEqual(lines);
      }
      await deskServes(stage, story, written, changing, story.wanted);
      const served = await deskServes(stage, story, written, all, { raceId: long, epochScope: 'all' });
      expect([...served.keys()].filter((key) => !story.everLong.has(key))).toEqual([]);
      // nothing came any more once it was no target
      const most = taken.saidBefore - linesBefore(written, taken.mat, taken.epoch);
      expect(served.get(keyOf(taken.mat, taken.epoch)) ?? 0).toBeLessThanOrEqual(most);
    });
  });
});
