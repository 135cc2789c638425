import { numberOf } from './answers.ts';
import { createEvent, type Event } from './event.ts';
import { journalledReads } from './journal-peek.ts';
import { type LineFlow, startLineFlow } from './line-flow.ts';
import { type Receiver, type Relay, startForwarder, startReceiver, startRelay } from './nodes.ts';
import { freePort } from './ports.ts';
import { startScriptedReader } from './scripted-reader.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const NODE = 'mat-1';
const LINES_PER_SECOND = 200;

/** One reader, its lines, and what was asked of its stream so far. */
export interface Mat {
  readonly reader: string;
  readonly streamId: string;
  readonly flow: LineFlow;
  /** Every epoch number that an answer gave out, in the order of the answers. */
  readonly begun: number[];
  /** Highest current epoch the relay has told. */
  top: number;
}

/** One receiver with the ports on which it serves each stream. */
export interface Desk {
  readonly name: string;
  readonly control: () => string;
  readonly port: (streamId: string) => number;
  readonly die: () => Promise<void>;
  readonly live: () => Promise<void>;
}

/** A timing site over real processes: two mats on one forwarder, a relay, receivers; each can die and come back. */
export interface World {
  readonly event: Event;
  readonly journal: string;
  readonly mats: readonly [Mat, Mat];
  readonly openDesk: (name: string, selection: readonly string[]) => Promise<Desk>;
  readonly relayDies: () => Promise<void>;
  readonly relayLives: () => Promise<void>;
  readonly forwarderDies: () => Promise<void>;
  readonly forwarderLives: () => Promise<void>;
  /** It stays connected and does nothing; only dying ends that. */
  readonly forwarderFreezes: () => void;
  /** Holds the readers back until all they said is in the journal. */
  readonly quiet: () => Promise<void>;
  readonly resume: () => void;
}

const createDesk = async (stage: Stage, event: Event, relay: string, mats: readonly Mat[], name: string) => {
  const token = await event.token('receiver', name);
  const dataDir = stage.folder(name);
  const start = async (selection: readonly string[]) => {
    const ports = new Map<string, number>();
    for (const { streamId } of mats) ports.set(streamId, await freePort());
    const outputs = [...ports].flatMap(([streamId, port]) => ['--tcp', `${streamId}=${port}`]);
    const receiver = await startReceiver(stage, { relay, token, dataDir, args: [...selection, ...outputs] });
    return { receiver, ports };
  };
  return start;
};

export const openWorld = async (stage: Stage): Promise<World> => {
  let relay: Relay = await startRelay(stage);
  const { url, port, dataDir } = relay;
  const event = await createEvent(url);
  const journal = stage.folder('journal');

  const openMat = async (reader: string) => {
    const scripted = await startScriptedReader(stage.onEnd);
    const flow = startLineFlow(scripted, LINES_PER_SECOND, stage.onEnd);
    const mat: Mat = { reader, streamId: `${NODE}.${reader}`, flow, begun: [], top: 1 };
    return { mat, address: `${reader}=${scripted.address}`, connected: scripted.connected };
  };
  const start = await openMat('start');
  const finish = await openMat('finish');
  const mats = [start.mat, finish.mat] as const;
  const forward = {
    relay: url,
    token: await event.token('forwarder', NODE),
    readers: [start.address, finish.address],
    journal,
  };
  let forwarder = await startForwarder(stage, forward);
  await Promise.all([start.connected(), finish.connected()]);

  const openDesk = async (name: string, selection: readonly string[]): Promise<Desk> => {
    const begin = await createDesk(stage, event, url, mats, name);
    let running: { readonly receiver: Receiver; readonly ports: ReadonlyMap<string, number> } = await begin(selection);
    return {
      name,
      control: () => running.receiver.control,
      port: (streamId) => running.ports.get(streamId) ?? 0,
      die: async () => void (await running.receiver.program.end('SIGKILL')),
      live: async () => {
        running = await begin([]);
      },
    };
  };

  return {
    event,
    journal,
    mats,
    openDesk,
    relayDies: async () => void (await relay.program.end('SIGKILL')),
    relayLives: async () => {
      relay = await startRelay(stage, { dataDir, port });
    },
    forwarderDies: async () => void (await forwarder.end('SIGKILL')),
    forwarderLives: async () => {
      forwarder = await startForwarder(stage, forward);
    },
    forwarderFreezes: () => void process.kill(forwarder.pid, 'SIGSTOP'),
    quiet: async () => {
      await Promise.all(mats.map(({ flow }) => flow.pause()));
      const said = mats.reduce((sum, { flow }) => sum + flow.said().length, 0);
      await until('the journal has all that was said', () => journalledReads(journal) === said);
    },
    resume: () => {
      for (const { flow } of mats) flow.resume();
    },
  };
};

/** Begins the next epoch of a mat; null: refused with 409, or the relay died meanwhile. */
export const beginEpoch = async ({ event }: World, mat: Mat, raceId: string | null): Promise<number | null> => {
  const path =
    raceId === null
      ? `/streams/${mat.streamId}/reset-epoch`
      : `/races/${raceId}/streams/${mat.streamId}/epochs/activate-next`;
  const answer = await event.operator.call('POST', path).catch(() => null);
  if (answer === null || answer.status === 409 || answer.status === 503) return null;
  if (answer.status !== 200) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  const epoch = numberOf(answer.body, 'epoch');
  mat.begun.push(epoch);
  return epoch;
};
