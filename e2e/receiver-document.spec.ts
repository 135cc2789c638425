import { readSelection, receiverDocName, writeSelection } from '@baton/schema/doc';
import { EventId, NodeId, RaceId, StreamId } from '@baton/schema/ids';
import type { Selection } from '@baton/schema/selection';
import { describe, expect, it } from 'vitest';
import { openDocument } from './support/documents.ts';
import { createEvent } from './support/event.ts';
import { type Receiver, startReceiver, startRelay } from './support/nodes.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

const MAT: Selection = { mode: 'manual', streams: [StreamId.parse('mat-1.finish')] };

const selectionOf = async ({ control }: Receiver): Promise<unknown> =>
  (await fetch(`${control}/api/v1/selection`)).json();

const put = async ({ control }: Receiver, selection: Selection): Promise<number> =>
  (await fetch(`${control}/api/v1/selection`, { method: 'PUT', body: JSON.stringify(selection) })).status;

const call = async ({ control }: Receiver, action: 'connect' | 'disconnect'): Promise<void> => {
  expect((await fetch(`${control}/api/v1/${action}`, { method: 'POST' })).status).toBe(200);
};

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

describe('the document of a receiver', () => {
  it('[RT-26] has what is selected by flag and offline, and what operators write there is selected', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const token = await event.token('receiver', 'desk');
    const raceOf = async (name: string): Promise<Selection> => ({
      mode: 'race',
      raceId: RaceId.parse(await event.race(name)),
      epochScope: 'all',
    });
    const [ten, half] = [await raceOf('10 km'), await raceOf('half')];
    const dataDir = stage.folder('receiver');
    const start = (...args: string[]) => startReceiver(stage, { relay: relay.url, token, dataDir, args });
    const name = receiverDocName(EventId.parse(event.eventId), NodeId.parse('desk'));
    const open = () => openDocument(relay.url, event.operatorToken, name, stage.onEnd);

    // what the flags say is in the document; what an operator writes there is selected
    const first = await start('--race', ten.mode === 'race' ? ten.raceId : '');
    const { doc } = await open();
    await until('the document has the flags', () => isSame(readSelection(doc), ten));
    writeSelection(doc, half);
    await until("the operator's choice is selected", async () => isSame(await selectionOf(first), half));

    // selected without a relay, and killed: it is kept, and delivered with the next start
    await relay.program.end('SIGKILL');
    expect(await put(first, MAT)).toBe(200);
    await first.program.end('SIGKILL');
    const again = await startRelay(stage, { dataDir: relay.dataDir, port: relay.port });
    const before = await open();
    expect(readSelection(before.doc)).toEqual(half);
    const second = await start();
    expect(await selectionOf(second)).toEqual(MAT);
    await until('the document has the offline choice', () => isSame(readSelection(before.doc), MAT));

    // written by an operator while the receiver is away
    await call(second, 'disconnect');
    writeSelection(before.doc, ten);
    await before.passedOn();
    expect(await selectionOf(second)).toEqual(MAT);
    await call(second, 'connect');
    await until('the choice made meanwhile is selected', async () => isSame(await selectionOf(second), ten));
    expect(await second.program.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await again.program.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
