import { NodeId } from '@baton/schema/ids';
import { CLOSE } from '@baton/schema/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type EventLink, openEventLink } from '../../src/venue/event-link.ts';
import { ADDRESSES, createLinkStage, numbered } from './link-stage.ts';
import { EVENT } from './model-relay.ts';

const LOOK_MS = 2000;

const opened: EventLink[] = [];

const setUp = async (options: Parameters<typeof createLinkStage>[0] = {}, isNew = false) => {
  const stage = createLinkStage(options);
  if (isNew) stage.here.events.clear();
  const link = openEventLink(stage.deps, {
    relays: ADDRESSES,
    eventId: EVENT,
    nodeId: NodeId.parse('venue-1~spring-run'),
    lookMs: LOOK_MS,
  });
  opened.push(link);
  const mat = stage.here.addStream('box', 'mat');
  stage.here.attached.add(NodeId.parse('box'));
  const asksOf = (path: string): number => stage.there.asked.filter((it) => it === path).length;
  await stage.pass(0);
  return { ...stage, link, mat, asks: () => asksOf(`GET /events/${EVENT}`) };
};

type Stage = Awaited<ReturnType<typeof setUp>>;

const statusAt = (relay: Stage['here']): string | undefined => relay.events.get(EVENT)?.status;

const setStatus = (relay: Stage['here'], status: 'finished' | 'official'): void => {
  const event = relay.events.get(EVENT);
  if (event !== undefined) relay.events.set(EVENT, { ...event, status });
};

const docOf = (races: number): Y.Doc => {
  const doc = new Y.Doc();
  for (let race = 0; race < races; race++) doc.getMap('races').set(`r${race}`, 1);
  return doc;
};

describe('an event at two relays', () => {
  afterEach(() => {
    for (const link of opened.splice(0)) link.close();
  });

  it('is made where it has never been, its streams are announced, and reads and documents come together', async () => {
    const it0 = await setUp({}, true);
    await it0.pass(LOOK_MS * 2);
    expect(it0.here.events.get(EVENT)?.title).toBe('Spring Run');
    expect([...it0.there.streams.keys()]).toEqual([it0.mat]);
    expect(it0.opened('/docs/', 'here').map(({ target }) => target.url)).toEqual([
      `ws://tent/docs/events/${EVENT}/setup`,
      `ws://tent/docs/events/${EVENT}/roster`,
    ]);
    it0.here.write(it0.mat, 1, numbered('read', 20));
    await it0.pass(LOOK_MS);
    expect(it0.there.held(it0.mat, 1)).toEqual(numbered('read', 20));
    expect(it0.link.isInStep()).toBe(true);
  });

  it('is in step only while all is: reads, both documents, and a line', async () => {
    const it0 = await setUp();
    await it0.pass(LOOK_MS * 2);
    expect(it0.link.isInStep()).toBe(true);
    it0.here.setDocuments(docOf(1));
    it0.network.flush();
    expect(it0.link.isInStep()).toBe(false);
    it0.there.setDocuments(docOf(1));
    it0.here.setDocuments(it0.here.documentState());
    it0.there.setDocuments(it0.here.documentState());
    it0.network.flush();
    expect(it0.link.isInStep()).toBe(true);
    it0.cutAll();
    expect(it0.link.isInStep()).toBe(false);
  });

  it('[CN-23] official here is official elsewhere once all reads and documents are there, and not before', async () => {
    const it0 = await setUp();
    await it0.pass(LOOK_MS * 2);
    it0.there.cut();
    it0.there.setReachable(false);
    it0.here.write(it0.mat, 1, numbered('read', 50));
    setStatus(it0.here, 'official');
    await it0.pass(10_000);
    it0.there.setReachable(true);
    const document = docOf(1);
    it0.here.setDocuments(document);
    await it0.pass(60_000);
    expect(it0.there.held(it0.mat, 1)).toHaveLength(50);
    // a document is still on its way
    expect(statusAt(it0.there)).toBe('running');
    it0.there.setDocuments(document);
    await it0.pass(LOOK_MS * 3);
    expect(statusAt(it0.there)).toBe('official');
    expect(it0.there.asked.filter((it) => it.endsWith('/status'))).toHaveLength(2);
  });

  it('[CN-23] official elsewhere is official here the same way', async () => {
    const it0 = await setUp();
    await it0.pass(LOOK_MS * 2);
    setStatus(it0.there, 'official');
    await it0.pass(LOOK_MS * 2);
    expect(statusAt(it0.here)).toBe('official');
  });

  it('[P4] different reads raise an alarm that both relays’ operators see, hold official back, and it ends with the difference', async () => {
    const it0 = await setUp();
    it0.there.addStream('box', 'mat');
    await it0.pass(LOOK_MS * 2);
    it0.there.cut();
    it0.here.write(it0.mat, 1, numbered('one device', 40));
    it0.there.write(it0.mat, 1, numbered('another', 60));
    setStatus(it0.here, 'official');
    await it0.pass(LOOK_MS * 4);
    const alarmId = `relay-conflict/${it0.mat}/1`;
    expect(it0.documents.alarms()).toMatchObject([
      {
        alarmId,
        kind: 'relay-conflict',
        clearedAt: null,
        message: expect.stringMatching(/^box\.mat, epoch 1: .*number 9 on/),
      },
    ]);
    expect(it0.link.isInStep()).toBe(false);
    expect(it0.link.sight()).toMatchObject({ conflicts: 1, missingReads: { venue: 0, upstream: 0 } });
    expect(statusAt(it0.there)).toBe('running');
    // once, and not again at each look or attach
    const [raised] = it0.documents.alarms();
    const told = it0.documents.opened();
    it0.there.cut();
    await it0.pass(LOOK_MS * 10);
    expect(it0.documents.alarms()).toEqual([raised]);
    expect(it0.documents.opened()).toBe(told);
    expect(it0.documents.open()).toBe(0);
    // the relay elsewhere is given the backup of before that
    it0.there.cut();
    it0.there.forget(it0.mat, 1, 0);
    await it0.pass(LOOK_MS * 10);
    expect(it0.documents.alarms()).toMatchObject([{ alarmId, clearedAt: expect.any(Number) }]);
    expect(statusAt(it0.there)).toBe('official');
  });

  it('an alarm that a link raised and did not see end is over once all is compared', async () => {
    const it0 = await setUp();
    it0.there.addStream('box', 'mat');
    it0.here.write(it0.mat, 1, numbered('one device', 40));
    it0.there.write(it0.mat, 1, numbered('another', 60));
    await it0.pass(LOOK_MS * 4);
    it0.link.close();
    it0.there.forget(it0.mat, 1, 0);
    expect(it0.documents.alarms()).toMatchObject([{ clearedAt: null }]);
    const next = openEventLink(it0.deps, {
      relays: ADDRESSES,
      eventId: EVENT,
      nodeId: NodeId.parse('venue-1~spring-run'),
      lookMs: LOOK_MS,
    });
    opened.push(next);
    await it0.pass(LOOK_MS * 4);
    expect(it0.documents.alarms()).toMatchObject([{ clearedAt: expect.any(Number) }]);
  });

  it('an alarm that cannot be told right now is told later, and does not keep the link from closing', async () => {
    const it0 = await setUp();
    it0.there.addStream('box', 'mat');
    it0.documents.setLoaded(false);
    it0.here.write(it0.mat, 1, numbered('one device', 40));
    it0.there.write(it0.mat, 1, numbered('another', 60));
    await it0.pass(20_000);
    expect(it0.said('an alarm could not be told')).toHaveLength(1);
    expect(it0.documents.alarms()).toEqual([]);
    it0.documents.setLoaded(true);
    await it0.pass(20_000);
    expect(it0.documents.alarms()).toHaveLength(1);
    it0.documents.setLoaded(false);
    it0.there.cut();
    it0.there.forget(it0.mat, 1, 0);
    await it0.pass(10_000);
    expect(it0.documents.open()).toBe(1);
    it0.link.close();
    await it0.pass(0);
    expect([it0.documents.open(), it0.time.pending()]).toEqual([0, 0]);
  });

  it('says how it is: connected, away with what waits for the other relay, and connected again', async () => {
    const it0 = await setUp();
    const begun = it0.time.clock.now();
    await it0.pass(LOOK_MS * 2);
    const inStep = { venue: 0, upstream: 0 };
    const connected = { eventId: EVENT, state: 'connected', cause: null, conflicts: 0 };
    expect(it0.link.sight()).toEqual({ ...connected, since: begun, missingReads: inStep, unsavedDocuments: inStep });
    it0.here.setDocuments(docOf(1));
    it0.network.flush();
    expect(it0.link.sight().unsavedDocuments).toEqual({ venue: 0, upstream: 1 + 1 });
    it0.there.setReachable(false);
    it0.there.cut();
    const cutAt = it0.time.clock.now();
    it0.here.write(it0.mat, 1, numbered('read', 70));
    await it0.pass(60_000, 1_000);
    expect(it0.link.sight()).toEqual({
      eventId: EVENT,
      state: 'away',
      since: cutAt,
      cause: 'the relay cannot be reached: no line',
      missingReads: { venue: 0, upstream: 70 },
      unsavedDocuments: { venue: null, upstream: null },
      conflicts: 0,
    });
    it0.there.setReachable(true);
    await it0.pass(40_000, 1_000);
    expect(it0.link.sight()).toMatchObject({ state: 'connected', cause: null, missingReads: inStep });
    expect(it0.link.sight().since).toBeGreaterThan(cutAt + 60_000);
  });

  it('[P20] a relay that does not answer is asked with waits that double, up to 30 s and its look', async () => {
    const it0 = await setUp({ random: () => 0.999_999 });
    it0.there.setReachable(false);
    it0.cutAll();
    await it0.pass(600_000, 1_000);
    const before = it0.asks();
    await it0.pass(320_000, 1_000);
    // one each 32 s
    expect(it0.asks() - before).toBe(10);
    it0.there.setReachable(true);
    await it0.pass(35_000, 1_000);
    expect(it0.link.isInStep()).toBe(true);
    it0.there.setHttp(false);
    const again = it0.asks();
    await it0.pass(LOOK_MS + 3_500, 500);
    // from the shortest wait again
    expect(it0.asks() - again).toBe(2);
  });

  it('[P8] a token that was revoked elsewhere is told, ends both sessions, and is no reason to hammer', async () => {
    const it0 = await setUp();
    await it0.pass(LOOK_MS * 2);
    it0.there.closeWith(CLOSE.unauthorized, 'UNAUTHORIZED');
    await it0.pass(60_000, 1_000);
    expect(it0.said('refuses this session for good')).toHaveLength(1);
    expect(it0.said('cannot be compared right now')[0]?.fields).toMatchObject({
      cause: 'the relay refused: UNAUTHORIZED (UNAUTHORIZED)',
    });
    expect(it0.here.sessions()).toEqual([]);
    expect(it0.link.sight()).toMatchObject({ state: 'refused', cause: 'UNAUTHORIZED' });
    const [asks, sessions] = [it0.asks(), it0.opened('/sync', 'there').length];
    expect(sessions).toBe(1);
    await it0.pass(300_000, 1_000);
    // with half of each wait drawn: 17 s
    expect(it0.asks() - asks).toBeLessThanOrEqual(18);
    expect(it0.opened('/sync', 'there')).toHaveLength(1);
  });

  it('[P8] a link that another one with its name took over stays away, and does not throw it out in turn', async () => {
    const it0 = await setUp();
    await it0.pass(LOOK_MS * 2);
    it0.there.closeWith(CLOSE.fenced, 'FENCED');
    it0.network.flush();
    it0.there.closeWith(null);
    await it0.pass(300_000, 1_000);
    expect(it0.opened('/sync', 'there')).toHaveLength(1);
    expect(it0.link.isInStep()).toBe(false);
  });

  it('a relay that refuses sessions though it knows the token is asked each half minute', async () => {
    const it0 = await setUp();
    await it0.pass(LOOK_MS * 2);
    it0.there.closeWith(CLOSE.rate, 'RATE_LIMITED');
    await it0.pass(120_000, 1_000);
    expect(it0.opened('/sync', 'there')).toHaveLength(1 + 4);
    it0.there.closeWith(null);
    await it0.pass(31_000, 1_000);
    expect(it0.link.isInStep()).toBe(true);
  });

  it('[P20] where requests get through and sockets do not, the sockets are tried with their own waits', async () => {
    const it0 = await setUp({ random: () => 0.999_999 });
    await it0.pass(LOOK_MS * 2);
    it0.there.setSockets(false);
    it0.there.cut();
    await it0.pass(400_000, 1_000);
    // 1, 2, 4, 8, 16, then each 30 s
    expect(it0.opened('/sync', 'there').length).toBeLessThanOrEqual(1 + 5 + 13);
    it0.there.setSockets(true);
    await it0.pass(31_000, 1_000);
    expect(it0.link.isInStep()).toBe(true);
  });

  it('a command that the other relay does not take right now is passed on when it does', async () => {
    const it0 = await setUp();
    await it0.pass(LOOK_MS * 2);
    it0.here.setHttp(false);
    it0.there.command(it0.mat, 2);
    await it0.pass(500);
    expect(it0.said('could not be passed on')).toHaveLength(1);
    it0.here.setHttp(true);
    await it0.pass(LOOK_MS * 4);
    expect(it0.here.streams.get(it0.mat)?.epoch).toBe(2);
    const opened = (): number => it0.here.asked.filter((it) => it.endsWith('/open')).length;
    const once = opened();
    await it0.pass(LOOK_MS * 3);
    expect(opened()).toBe(once);
    const confirmed = it0.there.messages.find(({ type }) => type === 'epochOpened');
    expect(confirmed).toMatchObject({ streamId: it0.mat, epoch: 2 });
  });

  it('an event that was deleted at one relay is linked no more, and stays at the other', async () => {
    const it0 = await setUp();
    await it0.pass(LOOK_MS * 2);
    it0.there.events.delete(EVENT);
    await it0.pass(LOOK_MS * 2);
    expect(it0.here.events.has(EVENT)).toBe(true);
    expect(it0.said('was deleted at one relay')).toHaveLength(1);
    expect(it0.link.sight().state).toBe('ended');
    expect([it0.here.sessions().length, it0.there.sessions().length]).toEqual([0, 0]);
    const asks = it0.asks();
    await it0.pass(60_000, 1_000);
    expect(it0.asks()).toBe(asks);
    expect(it0.time.pending()).toBe(0);
  });

  it.each(['asking', 'joining', 'joined', 'away'])('closed while it is %s, it does nothing more', async (phase) => {
    const stage = createLinkStage();
    stage.there.setReachable(phase !== 'away');
    const link = openEventLink(stage.deps, {
      relays: ADDRESSES,
      eventId: EVENT,
      nodeId: NodeId.parse('venue-1~spring-run'),
      lookMs: LOOK_MS,
    });
    if (phase === 'joining') await stage.time.advanceAsync(0);
    if (phase === 'joined' || phase === 'away') await stage.pass(LOOK_MS * 2);
    link.close();
    await stage.pass(0);
    expect(stage.time.pending()).toBe(0);
    const [asked, connections] = [stage.there.asked.length, stage.network.pairs.length];
    await stage.pass(60_000, 1_000);
    expect([stage.there.asked.length, stage.network.pairs.length]).toEqual([asked, connections]);
    expect(stage.time.pending()).toBe(0);
    expect([stage.here.sessions().length, stage.there.sessions().length]).toEqual([0, 0]);
  });
});
