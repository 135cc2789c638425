import { silentLog } from '@baton/schema/ports';
import { CLOSE, encodeSaved, LINK_SUBPROTOCOL } from '@baton/schema/protocol';
import { createSocketNetwork, createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { openDocBridge } from '../../src/venue/doc-bridge.ts';

const RELAYS = { here: { url: 'http://tent', token: 'a' }, there: { url: 'https://far/base', token: 'b' } };
const NAME = 'events/e1/setup';

const setUp = () => {
  const time = createVirtualTime();
  const network = createSocketNetwork();
  const deps = { openSocket: network.openSocket, timers: time.timers, random: { next: () => 0.5 }, log: silentLog };
  const bridge = openDocBridge(deps, NAME, RELAYS);
  const ends = () => {
    const [here, there] = network.pairs.slice(-2);
    if (here === undefined || there === undefined) throw new Error('expected two connections');
    return { here, there };
  };
  return { time, network, bridge, ends };
};

const sync = (...bytes: readonly number[]): Uint8Array => Uint8Array.of(0, ...bytes);
const AWARENESS = Uint8Array.of(1, 1, 0);

const savedOf = (doc: Y.Doc): Uint8Array => encodeSaved({ stateVector: Y.encodeStateVector(doc), messages: 1 });

describe('a document between two relays', () => {
  it('[P10] passes what each says of the document to the other as it is, also what came before the other was there', () => {
    const { network, ends } = setUp();
    const { here, there } = ends();
    expect([here.target.url, there.target.url]).toEqual([`ws://tent/docs/${NAME}`, `wss://far/base/docs/${NAME}`]);
    expect(here.target.protocols).toEqual([LINK_SUBPROTOCOL]);
    here.accept();
    here.send(sync(0, 1, 7));
    network.flush();
    there.accept();
    there.send(sync(0, 1, 9));
    there.send(AWARENESS);
    there.send(sync(2, 1, 5));
    network.flush();
    expect(there.arrived).toEqual([sync(0, 1, 7)]);
    expect(here.arrived).toEqual([sync(0, 1, 9), sync(2, 1, 5)]);
  });

  it('both ends end together, and begin anew after a pause', () => {
    const { time, network, ends } = setUp();
    const { here, there } = ends();
    here.accept();
    there.accept();
    network.flush();
    there.cut();
    network.flush();
    expect(here.isOpen()).toBe(false);
    expect(network.pairs).toHaveLength(2);
    time.advance(30_000);
    expect(network.pairs).toHaveLength(4);
  });

  it('a relay that says nothing for a minute is dropped; one that refuses for good is not asked again', () => {
    const { time, network, ends } = setUp();
    ends().here.accept();
    ends().there.accept();
    network.flush();
    time.advance(59_000);
    ends().there.send(AWARENESS);
    network.flush();
    time.advance(10_000);
    network.flush();
    time.advance(30_000);
    expect(network.pairs.length).toBeGreaterThan(2);
    const now = network.pairs.length;
    ends().there.accept();
    ends().there.close(CLOSE.forbidden);
    network.flush();
    time.advance(600_000);
    expect(network.pairs).toHaveLength(now);
    expect(time.pending()).toBe(0);
  });

  it('[P11] is in step once both say that the same is on their disks', () => {
    const { network, bridge, ends } = setUp();
    const { here, there } = ends();
    here.accept();
    there.accept();
    const [mine, theirs] = [new Y.Doc(), new Y.Doc()];
    mine.getMap('races').set('r', 1);
    here.send(savedOf(mine));
    there.send(savedOf(theirs));
    network.flush();
    expect(bridge.isInStep()).toBe(false);
    expect(bridge.lacks()).toEqual({ here: false, there: true });
    Y.applyUpdate(theirs, Y.encodeStateAsUpdate(mine));
    there.send(savedOf(theirs));
    network.flush();
    expect(bridge.isInStep()).toBe(true);
    expect(bridge.lacks()).toEqual({ here: false, there: false });
    bridge.close();
    expect(bridge.isInStep()).toBe(false);
    expect(bridge.lacks()).toEqual({ here: null, there: null });
  });
});
