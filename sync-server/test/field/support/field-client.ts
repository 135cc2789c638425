import { WebSocket } from 'ws';
import { FieldDown } from '../../../src/field/wire/messages.ts';
import type { ReadEvent } from '../../../src/field/wire/read-event.ts';
import type { RelayFixture } from '../../http/relay-fixture.ts';

type Down<K extends FieldDown['kind']> = Extract<FieldDown, { readonly kind: K }>;

/** A system in the field on a real socket. */
export const openField = async (fixture: RelayFixture, path: string, token: string | null) => {
  const socket = new WebSocket(`${fixture.base.replace('http', 'ws')}${path}`, {
    ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });
  const messages: FieldDown[] = [];
  const events: ReadEvent[] = [];
  const taken = new Map<string, number>();
  const waiting = new Set<() => void>();
  let closed: { readonly code: number; readonly reason: string } | null = null;

  const changed = (): void => {
    for (const check of [...waiting]) check();
  };
  socket.on('message', (data) => {
    const message = FieldDown.parse(JSON.parse(String(data)));
    messages.push(message);
    if (message.kind === 'receiver_event_batch') events.push(...message.events);
    changed();
  });
  socket.on('close', (code, reason) => {
    closed = { code, reason: String(reason) };
    changed();
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const ofKind = <K extends FieldDown['kind']>(kind: K): readonly Down<K>[] =>
    messages.filter((it): it is Down<K> => it.kind === kind);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    socket,
    messages,
    events,
    closed: () => closed,
    say: (message: object): void => socket.send(JSON.stringify(message)),
    until,
    ofKind,
    next: async <K extends FieldDown['kind']>(kind: K): Promise<Down<K>> => {
      const skip = taken.get(kind) ?? 0;
      taken.set(kind, skip + 1);
      await until(() => ofKind(kind)[skip] !== undefined || closed !== null);
      const found = ofKind(kind)[skip];
      if (found === undefined) throw new Error(`closed (${closed?.code} ${closed?.reason}) while waiting for ${kind}`);
      return found;
    },
    seqs: (reader: string, epoch = 1): readonly number[] =>
      events.filter((it) => it.reader_ip === reader && it.stream_epoch === epoch).map((it) => it.seq),
  };
};

export type FieldClient = Awaited<ReturnType<typeof openField>>;
