import { describe, expect, it } from 'vitest';
import { createStage, eventRecord, NODE, OTHER, RUN, request } from './attachments-fixture.ts';

const codeOf = (result: { readonly ok: boolean; readonly error?: { readonly code: string } }): string =>
  result.ok ? 'ok' : (result.error?.code ?? '');

describe('health', () => {
  it('[RN-10] [P25] heartbeats count by the relay’s own time, whatever any wall clock does', async () => {
    const { attachments, time, at, stateIn } = await createStage();
    await attachments.attach(request(RUN));
    time.advance(20_000);
    attachments.heartbeat(at(RUN), { health: 'online', sentAt: time.clock.now() + 86_400_000 });
    const [seen] = attachments.nodes(RUN);
    expect(seen).toMatchObject({ lastHeartbeatAt: time.clock.now(), skewMs: 86_400_000 });
    time.jumpClock(86_400_000);
    time.advance(20_000);
    expect(stateIn(RUN)).toBe('online');
    time.jumpClock(-2 * 86_400_000);
    time.advance(15_000);
    expect(stateIn(RUN)).toBe('degraded');
  });

  it('[RN-11] exactly 30 s is still online; then degraded, and offline, each at the next sweep', async () => {
    const { attachments, time, stateIn } = await createStage();
    await attachments.attach(request(RUN));
    time.advance(30_000);
    expect(stateIn(RUN)).toBe('online');
    time.advance(5_000);
    expect(stateIn(RUN)).toBe('degraded');
    time.advance(25_000);
    expect(stateIn(RUN)).toBe('degraded');
    time.advance(5_000);
    expect(stateIn(RUN)).toBe('offline');
  });

  it('[RN-12] a late sweep makes one transition, straight to offline', async () => {
    const { attachments, time, at } = await createStage();
    await attachments.attach(request(RUN));
    attachments.stop();
    time.advance(60_001);
    expect(attachments.sweep()).toEqual([{ ...at(RUN), from: 'online', to: 'offline' }]);
  });

  it('[RN-13] the next heartbeat makes it online, from degraded and from offline, at once', async () => {
    const { attachments, time, at, stateIn } = await createStage();
    await attachments.attach(request(RUN));
    for (const silence of [35_000, 65_000]) {
      time.advance(silence);
      expect(stateIn(RUN)).toBe(silence === 35_000 ? 'degraded' : 'offline');
      expect(codeOf(attachments.heartbeat(at(RUN), { health: 'online' }))).toBe('ok');
      expect(stateIn(RUN)).toBe('online');
    }
  });

  it('[RN-14] [RN-15] sweeping twice finds nothing new, and neither it nor a heartbeat touches a record', async () => {
    const { attachments, time, at, store, commits } = await createStage();
    await attachments.attach(request(RUN));
    const [before, written] = [await store.load(), commits()];
    time.advance(30_000);
    attachments.heartbeat(at(RUN), { health: 'degraded' });
    attachments.stop();
    time.advance(61_000);
    expect(attachments.sweep()).toHaveLength(1);
    expect(attachments.sweep()).toEqual([]);
    expect(commits()).toBe(written);
    expect(await store.load()).toEqual(before);
  });

  it('a node that claims to be degraded is', async () => {
    const { attachments, at, stateIn } = await createStage();
    await attachments.attach(request(RUN));
    attachments.heartbeat(at(RUN), { health: 'degraded' });
    expect(stateIn(RUN)).toBe('degraded');
  });

  it('tells many that fall silent at once in one line', async () => {
    const { attachments, time, lines } = await createStage();
    for (let index = 0; index < 50; index++) {
      await attachments.attach(request(RUN, { nodeId: NODE.concat(String(index)) as typeof NODE }));
    }
    time.advance(65_000);
    expect(lines.filter((it) => it.message.includes('silent'))).toEqual([
      { message: 'nodes fell silent', fields: { nodes: 50 } },
    ]);
  });
});

describe('a place', () => {
  it('[RN-19] is held while the node is heard; another event is refused and not told which', async () => {
    const { attachments } = await createStage();
    await attachments.attach(request(RUN));
    const elsewhere = await attachments.attach(request(OTHER));
    expect(codeOf(elsewhere)).toBe('NODE_ATTACH_CONFLICT');
    expect(JSON.stringify(elsewhere)).not.toContain(RUN);
  });

  it('[RN-19] in the same event the newest takes it over: one record, one attachmentId', async () => {
    const { attachments } = await createStage();
    const first = await attachments.attach(request(RUN));
    const second = await attachments.attach(request(RUN, { clientVersion: '1.1' }));
    expect(second).toMatchObject({ ok: true, value: { attachmentId: first.ok && first.value.attachmentId } });
    expect(attachments.nodes(RUN)).toHaveLength(1);
    expect(attachments.nodes(RUN)[0]).toMatchObject({ clientVersion: '1.1' });
  });

  it('[RN-21] is free once a sweep called the node offline; what comes late to the old one is refused', async () => {
    const { attachments, time, at, stateIn } = await createStage();
    const first = await attachments.attach(request(RUN));
    time.advance(65_000);
    expect(codeOf(await attachments.attach(request(OTHER)))).toBe('ok');
    expect(codeOf(attachments.heartbeat(at(RUN), { health: 'online' }))).toBe('CONFLICT');
    expect([stateIn(RUN), stateIn(OTHER)]).toEqual(['offline', 'online']);
    await attachments.detach(at(OTHER));
    const back = await attachments.attach(request(RUN));
    expect(back.ok && back.value.attachmentId).toBe(first.ok && first.value.attachmentId);
  });

  it('[RN-19] of a silent node stays its own once it is heard again', async () => {
    const { attachments, time, at } = await createStage();
    await attachments.attach(request(RUN));
    time.advance(65_000);
    attachments.heartbeat(at(RUN), { health: 'online' });
    expect(codeOf(await attachments.attach(request(OTHER)))).toBe('NODE_ATTACH_CONFLICT');
  });

  it('[RN-13] after a restart of the relay it is kept as long as a silent node keeps it, and a heartbeat is enough', async () => {
    const first = await createStage();
    await first.attachments.attach(request(RUN));
    const again = await createStage(first.store);
    expect(again.stateIn(RUN)).toBe('degraded');
    expect(codeOf(await again.attachments.attach(request(OTHER)))).toBe('NODE_ATTACH_CONFLICT');
    again.attachments.heartbeat(again.at(RUN), { health: 'online' });
    expect(again.stateIn(RUN)).toBe('online');
    again.time.advance(65_000);
    expect(codeOf(await again.attachments.attach(request(OTHER)))).toBe('ok');
  });

  it('[RN-22] is lost for good when the node is revoked', async () => {
    const { attachments, at, stateIn } = await createStage();
    await attachments.attach(request(RUN));
    await attachments.revoke(at(RUN), 'forwarder');
    expect(stateIn(RUN)).toBe('revoked');
    expect(codeOf(attachments.heartbeat(at(RUN), { health: 'online' }))).toBe('NODE_REVOKED');
    expect(codeOf(await attachments.declare(at(RUN), { capabilities: { a: 1 } }))).toBe('NODE_REVOKED');
    expect(attachments.refuseWrite(at(RUN))).toMatchObject({ code: 'NODE_REVOKED' });
    await attachments.detach(at(RUN));
    expect(codeOf(await attachments.attach(request(RUN)))).toBe('NODE_REVOKED');
    expect(codeOf(await attachments.attach(request(OTHER)))).toBe('ok');
  });

  it('goes with its event', async () => {
    const { attachments, registry } = await createStage();
    await attachments.attach(request(RUN));
    await registry.change([{ type: 'deleteEvent', eventId: RUN }]);
    expect(attachments.nodes(RUN)).toEqual([]);
    expect(codeOf(await attachments.attach(request(OTHER)))).toBe('ok');
  });
});

describe('capabilities', () => {
  it('[RN-24] replace what was there, and leave the time of attaching alone', async () => {
    const { attachments, time, at } = await createStage();
    await attachments.attach(request(RUN, { capabilities: { a: 1, b: 2 } }));
    const attachedAt = time.clock.now();
    time.advance(1000);
    const declared = await attachments.declare(at(RUN), { capabilities: { c: { d: [3] } } });
    expect(declared).toEqual({ ok: true, value: { state: 'online', updatedAt: attachedAt + 1000 } });
    expect(attachments.nodes(RUN)[0]).toMatchObject({ capabilities: { c: { d: [3] } }, attachedAt });
  });

  it('[RN-25] a registering node becomes online by declaring some, not by claiming it', async () => {
    const { attachments, at, stateIn } = await createStage();
    await attachments.attach(request(RUN, { declares: false, capabilities: { told: 'at attaching' } }));
    expect(stateIn(RUN)).toBe('registering');
    attachments.heartbeat(at(RUN), { health: 'online' });
    expect(stateIn(RUN)).toBe('registering');
    const claim = await attachments.declare(at(RUN), { capabilities: {}, health: 'online' });
    expect(codeOf(claim)).toBe('NODE_CAPABILITY_CONFLICT');
    expect(await attachments.declare(at(RUN), { capabilities: {} })).toMatchObject({ value: { state: 'registering' } });
    expect(await attachments.declare(at(RUN), { capabilities: { a: 1 } })).toMatchObject({
      value: { state: 'online' },
    });
    expect(await attachments.declare(at(RUN), { capabilities: {}, health: 'online' })).toMatchObject({
      value: { state: 'online' },
    });
  });

  it('[RN-26] of a node that is not attached are a conflict', async () => {
    const { attachments, at } = await createStage();
    expect(codeOf(await attachments.declare(at(RUN), { capabilities: { a: 1 } }))).toBe('NODE_CAPABILITY_CONFLICT');
    await attachments.attach(request(RUN));
    await attachments.detach(at(RUN));
    expect(codeOf(await attachments.declare(at(RUN), { capabilities: { a: 1 } }))).toBe('NODE_CAPABILITY_CONFLICT');
  });
});

describe('the floor of the event', () => {
  it('[RN-06] is asked at each write: it may rise while the node is attached', async () => {
    const { attachments, registry, at } = await createStage();
    expect(await attachments.attach(request(RUN))).toMatchObject({ value: { readOnly: false } });
    expect(attachments.refuseWrite(at(RUN))).toBeNull();
    await registry.change([{ type: 'putEvent', event: eventRecord(RUN, '1.1') }]);
    expect(attachments.refuseWrite(at(RUN))).toMatchObject({ code: 'VERSION_FLOOR_EXCEEDED' });
    expect(attachments.nodes(RUN)[0]).toMatchObject({ state: 'online', readOnly: true });
    expect(codeOf(attachments.heartbeat(at(RUN), { health: 'online' }))).toBe('ok');
    expect(await attachments.attach(request(RUN))).toMatchObject({ value: { readOnly: true } });
    expect(await attachments.attach(request(RUN, { clientVersion: '1.10' }))).toMatchObject({
      value: { readOnly: false },
    });
  });

  it('[RN-06] a node that never told its version counts as the lowest', async () => {
    const { attachments, registry, at } = await createStage();
    expect(attachments.refuseWrite(at(RUN))).toBeNull();
    await registry.change([{ type: 'putEvent', event: eventRecord(RUN, '0.1') }]);
    expect(attachments.refuseWrite(at(RUN))).toMatchObject({ details: { attemptedVersion: '0.0' } });
  });

  it('[RN-07] that is stored malformed lets nobody in or write, and is told in the log once', async () => {
    const { attachments, registry, at, lines } = await createStage();
    await attachments.attach(request(RUN));
    await registry.change([{ type: 'putEvent', event: eventRecord(RUN, '1.x') }]);
    expect(codeOf(await attachments.attach(request(RUN)))).toBe('INTERNAL_ERROR');
    expect(attachments.refuseWrite(at(RUN))).toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(attachments.nodes(RUN)[0]).toMatchObject({ readOnly: true });
    expect(lines.filter((it) => it.fields?.['floor'] === '1.x')).toHaveLength(1);
  });
});
