import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DEMO_RACE, heatMs } from '@baton/client-core/node';
import { createChildren } from './children.mjs';
import { publishEvent } from './event.mjs';

const FOLDER = process.env.BATON_DEMO_DIR ?? fileURLToPath(new URL('../../.demo', import.meta.url));
const PORT = 8787;
/** The race's clock runs so many times faster than the wall's. */
const SPEED = 10;
const STATUS_MS = 10_000;
/** Epochs change between two heats: the last late line is out, the first wave still waits. */
const BEFORE_HEAT_MS = 3_000;

/** Two boxes beside the mats; the start and the finish share one. */
const FORWARDERS = [
  { nodeId: 'start-finish', readers: ['start', 'finish-a', 'finish-b'] },
  { nodeId: 'bridge', readers: ['bridge'] },
];
const RECEIVER = 'desk';

const say = (line) => process.stdout.write(`${line}\n`);

/** The port when it is free, else any free one. */
const freePort = (wanted) =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (wanted === 0 ? reject(error) : resolve(freePort(0))));
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process: that is the answer
  }
};

/** Left in the folder, so that nothing but a former demo is ever wiped. */
const MARK = join(FOLDER, 'this-is-a-demo');
const OWNER = join(FOLDER, 'pid');

/** Starts with an empty folder, unless another demo works in it or it is somebody else's. */
const wipeFolder = () => {
  const pid = existsSync(OWNER) ? Number(readFileSync(OWNER, 'utf8')) : 0;
  if (pid > 0 && isAlive(pid)) throw new Error(`another demo is running (process ${pid}); end it first`);
  if (existsSync(FOLDER) && readdirSync(FOLDER).length > 0 && !existsSync(MARK)) {
    throw new Error(`${FOLDER} holds something else than a demo; it is not wiped`);
  }
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(MARK, '');
  writeFileSync(OWNER, String(process.pid));
};

const addressOf = (line, pattern) => {
  const match = pattern.exec(line);
  if (match === null) throw new Error(`did not expect the first line ${JSON.stringify(line)}`);
  return match[1];
};

/** The race begins now by this machine's wall clock, in whole minutes, so that what is read looks like today. */
const localMinute = () => {
  const now = new Date();
  return `${new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)}:00`;
};

const streamId = (nodeId, reader) => `${nodeId}.${reader}`;
const STREAMS = FORWARDERS.flatMap(({ nodeId, readers }) => readers.map((reader) => ({ nodeId, reader })));

const startRelay = async (children, adminToken) => {
  const port = String(await freePort(PORT));
  const args = ['relay', '--port', port, '--data-dir', join(FOLDER, 'relay'), '--admin-token', adminToken];
  return addressOf(await children.start('relay', args), /^listening (http:\S+)$/);
};

const startReaders = async (children, spec) => {
  const addresses = new Map();
  for (const { reader } of STREAMS) {
    const race = ['--race', 'demo', '--stream', reader, '--start-at', spec.startAt, '--speed', String(SPEED)];
    const line = await children.start(`reader-${reader}`, ['emulate', '--port', '0', ...race]);
    addresses.set(reader, addressOf(line, /^listening (\S+)$/));
  }
  return addresses;
};

const startForwarders = (children, url, tokens, addresses) =>
  Promise.all(
    FORWARDERS.map(({ nodeId, readers }) => {
      const targets = readers.flatMap((reader) => ['--reader', `${reader}=${addresses.get(reader)}`]);
      const journal = ['--journal', join(FOLDER, `journal-${nodeId}`)];
      return children.start(`forwarder-${nodeId}`, [
        'forward',
        ...['--relay', url, '--token', tokens[nodeId]],
        ...targets,
        ...journal,
      ]);
    }),
  );

const startReceiver = async (children, url, token) => {
  const scoring = await freePort(0);
  const streams = STREAMS.flatMap(({ nodeId, reader }) => ['--stream', streamId(nodeId, reader)]);
  const line = await children.start('receiver', [
    'receive',
    ...['--relay', url, '--token', token, '--data-dir', join(FOLDER, 'receiver')],
    ...streams,
    ...['--tcp', `${streamId('start-finish', 'finish-a')}=${scoring}`, '--control', '127.0.0.1:0'],
  ]);
  return { control: addressOf(line, /control (http:\S+)/), scoring };
};

/** Raises the alarms that are switched on, as the page shows them. */
const startWatch = (children, url, token) =>
  children.start('watch', ['watch', '--relay', url, '--token', token, '--data-dir', join(FOLDER, 'watch')]);

/** Puts each stream at its point and maps its first epoch, as soon as its forwarder has shown it. */
const placeStreams = async (event, spec, raceId) => {
  for (const { nodeId, reader } of STREAMS) {
    const id = streamId(nodeId, reader);
    const { pointId } = spec.readers.find(({ name }) => name === reader);
    await retry(() => event.operator('PATCH', `/streams/${id}`, { label: reader, pointId }));
    await event.operator('PUT', `/streams/${id}/epochs/1/race`, { raceId });
  }
};

const retry = async (attempt, tries = 100) => {
  for (let left = tries; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 0) throw error;
      await delay(100);
    }
  }
};

/** The field is in: the next heat is a race of its own, and every stream goes on in its next epoch. */
const beginHeat = async (event, heat) => {
  const race = await event.addRace(heat);
  for (const { nodeId, reader } of STREAMS) {
    await event.operator('POST', `/races/${race.raceId}/streams/${streamId(nodeId, reader)}/epochs/activate-next`);
  }
  return race;
};

const clockText = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;

const statusLine = async (event, control, race) => {
  const { streams } = await event.operator('GET', `/streams?eventId=${event.eventId}`);
  const reads = streams.reduce((sum, { counters }) => sum + counters.accepted, 0);
  const { data } = await event.operator('GET', `/events/${event.eventId}/results/${race.raceId}`);
  const finished = data.filter(({ rank }) => rank !== null);
  const leader = finished.find(({ rank }) => rank === 1);
  const status = await (await fetch(`${control}/api/v1/status`)).json();
  const held = status.streams.reduce((sum, it) => sum + it.held, 0);
  const first = leader === undefined ? '' : `, first ${leader.name} ${clockText(leader.chipMs ?? leader.gunMs)}`;
  return `${reads} reads at the relay, ${held} in the receiver (${status.connection}) · ${race.name}: ${finished.length} of ${event.entrants} finished${first}`;
};

const announce = (url, event, receiver, receiverToken) => {
  say('');
  say(`  spectators   ${url}/e/${event.eventId}`);
  say(`  operator     ${url}/operate#token=${encodeURIComponent(event.operatorToken)}`);
  say(`  receiver     ${url}/receive#token=${encodeURIComponent(receiverToken)}`);
  say('');
  say(`  receiver's control API ${receiver.control}/api/v1/status · scoring software on 127.0.0.1:${receiver.scoring}`);
  say(`  everything runs in ${FOLDER} (logs in its folder logs); Ctrl-C ends it`);
  say('');
};

const follow = async (event, control, race, startedAt, spec, isOver) => {
  let current = race;
  let heat = 0;
  const switchAt = () => startedAt + ((heat + 1) * heatMs(spec)) / SPEED - BEFORE_HEAT_MS;
  let reportAt = performance.now() + STATUS_MS / 2;
  while (!isOver()) {
    await delay(200);
    if (performance.now() >= switchAt()) {
      heat += 1;
      current = await beginHeat(event, heat);
      say(`the field starts again: ${current.name}`);
    }
    if (performance.now() >= reportAt) {
      reportAt += STATUS_MS;
      say(await statusLine(event, control, current));
    }
  }
};

const stage = async (children, isOver) => {
  const spec = { ...DEMO_RACE, startAt: localMinute() };
  const adminToken = randomBytes(24).toString('base64url');
  const url = await startRelay(children, adminToken);
  const nodes = [
    ...FORWARDERS.map(({ nodeId }) => ({ nodeId, role: 'forwarder' })),
    { nodeId: RECEIVER, role: 'receiver' },
    { nodeId: 'page', role: 'receiver' },
  ];
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC';
  const event = await publishEvent({ url, adminToken, spec, timezone, nodes });
  const race = await event.addRace(0);
  const addresses = await startReaders(children, spec);
  const receiver = await startReceiver(children, url, event.tokens[RECEIVER]);
  await startForwarders(children, url, event.tokens, addresses);
  const startedAt = performance.now();
  await placeStreams(event, spec, race.raceId);
  await startWatch(children, url, event.operatorToken);
  announce(url, event, receiver, event.tokens['page']);
  await follow(event, receiver.control, race, startedAt, spec, isOver);
};

/**
 * Runs the race until `stopped` resolves.
 *
 * @returns the exit code: 0 after a signal, 1 when something broke
 */
export const runDemo = async (stopped) => {
  let over = false;
  let lose;
  const lost = new Promise((_resolve, reject) => {
    lose = reject;
  });
  let children;
  try {
    wipeFolder();
    const logs = join(FOLDER, 'logs');
    children = createChildren(logs, (name, how) => lose(new Error(`${name} ${how}; its log is in ${logs}`)));
    await Promise.race([stage(children, () => over), stopped, lost]);
    return 0;
  } catch (error) {
    process.stderr.write(`demo: ${error.message}\n`);
    return 1;
  } finally {
    over = true;
    if (children !== undefined) {
      say('ending …');
      await children.endAll();
      rmSync(OWNER, { force: true });
    }
  }
};
