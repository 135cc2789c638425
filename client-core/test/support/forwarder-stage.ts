import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventId, NodeId } from '@baton/schema/ids';
import type { LogFields, LogLevel } from '@baton/schema/ports';
import { renderIpicoLine } from '@baton/schema/reads';
import { ok } from '@baton/schema/result';
import { createVirtualTime, type VirtualTime } from '@baton/testkit';
import { createForwarder, type Forwarder } from '../../src/forwarder/forwarder.ts';
import type { CommitReply, Journal } from '../../src/forwarder/journal.ts';
import { openSqliteJournal } from '../../src/forwarder/sqlite-journal.ts';
import type { AskIdentity, OwnIdentity } from '../../src/http/own-identity.ts';
import { createScriptedRelay, type ScriptedRelay } from './scripted-relay.ts';
import { createTcpLink, type TcpLink } from './tcp-link.ts';

export const RETENTION_MS = 7 * 86_400_000;
export const IDENTITY: OwnIdentity = { eventId: EventId.parse('e1'), nodeId: NodeId.parse('mat'), label: null };

type IdentityReply = Awaited<ReturnType<AskIdentity>>;

/** A read of a made reader; the number makes it unlike the others. */
export const lineNo = (number: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: `0580${number.toString(16).padStart(8, '0')}`,
    iCount: 0,
    qCount: 1,
    wallHundredths: 177_000_000_000 + number,
    extra: null,
    kind: 'RAW',
  });

export const linesFrom = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => lineNo(from + index));

export const onWire = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');

export interface LogLine extends LogFields {
  readonly level: LogLevel;
  readonly message: string;
}

/** One forwarder with readers in memory, a real journal and a scripted relay, in virtual time. */
export interface ForwarderStage {
  readonly time: VirtualTime;
  readonly relay: ScriptedRelay;
  readonly reader: (name: string) => TcpLink;
  readonly forwarder: () => Forwarder;
  readonly log: readonly LogLine[];
  readonly failures: readonly string[];
  /** Lines that have reached the disk, by reader, in order. */
  readonly journalled: (reader: string) => readonly string[];
  /** @param names only these readers; all by default */
  readonly start: (names?: readonly string[]) => void;
  /** kill -9: nothing is finished, nothing is said; what is on disk stays. */
  readonly kill: () => Promise<void>;
  /** Lets everything that can happen without time passing happen. */
  readonly settle: () => Promise<void>;
  /** Time passes, and everything in it happens. */
  readonly pass: (ms: number) => Promise<void>;
  /** From now on every commit is answered so, and nothing is stored; null: as usual. */
  readonly failCommits: (reply: CommitReply | null) => void;
  readonly answerIdentity: (reply: IdentityReply) => void;
  /** The journal directory is replaced by an empty one. */
  readonly newDisk: () => void;
  readonly end: () => Promise<void>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createForwarderStage = (readers: readonly string[] = ['start']): ForwarderStage => {
  const time = createVirtualTime();
  const relay = createScriptedRelay();
  const links = new Map(readers.map((name) => [name, createTcpLink()]));
  const log: LogLine[] = [];
  const failures: string[] = [];
  const journalled = new Map<string, string[]>();
  let directory = mkdtempSync(join(tmpdir(), 'baton-forwarder-'));
  const directories = [directory];
  let identity: IdentityReply = ok(IDENTITY);
  let failing: CommitReply | null = null;
  let running: { readonly forwarder: Forwarder; readonly alive: { value: boolean }; readonly journal: Journal } | null =
    null;

  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      log.push({ ...fields, level, message });
    };

  const spied = (journal: Journal, alive: { readonly value: boolean }): Journal => ({
    ...journal,
    commit: async (changes) => {
      if (!alive.value) return new Promise(() => {});
      if (failing !== null) return failing;
      const reply = await journal.commit(changes);
      for (const change of changes) {
        if (change.type !== 'append') continue;
        const lines = journalled.get(change.reader) ?? [];
        lines.push(...change.lines.map(({ raw }) => Buffer.from(raw).toString('latin1')));
        journalled.set(change.reader, lines);
      }
      return reply;
    },
    read: (request) => (alive.value ? journal.read(request) : new Promise(() => {})),
    prune: (request) => (alive.value ? journal.prune(request) : new Promise(() => {})),
  });

  /** Timers and sockets of a killed process do nothing any more. */
  const whileAlive = (alive: { readonly value: boolean }) => ({
    clock: time.clock,
    timers: {
      mono: time.timers.mono,
      after: (ms: number, run: () => void) => time.timers.after(ms, () => alive.value && run()),
      every: (ms: number, run: () => void) => {
        const timer = time.timers.every(ms, () => (alive.value ? run() : timer.clear()));
        return timer;
      },
    },
    random: { next: () => 0.5 },
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    localOffsetMs: () => 0,
    ask: async () => identity,
  });

  const start = (names: readonly string[] = readers): void => {
    const opened = openSqliteJournal({ directory });
    if (!opened.ok) throw new Error(opened.error.message);
    const alive = { value: true };
    const forwarder = createForwarder(
      {
        ...whileAlive(alive),
        openSocket: relay.network.openSocket,
        openTcp: (target, events) => {
          const link = links.get(target.host);
          if (link === undefined) throw new Error(`no reader ${target.host}`);
          return link.openTcp(target, events);
        },
        journal: spied(opened.value, alive),
      },
      {
        relay: 'http://relay.test',
        token: 'secret',
        readers: names.map((name) => ({ name, address: { host: name, port: 10_000 } })),
        retentionMs: RETENTION_MS,
        onFailed: (message) => failures.push(message),
      },
    );
    running = { forwarder, alive, journal: opened.value };
  };

  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet++) {
      await turn();
      if (relay.network.flush() > 0) quiet = 0;
    }
  };

  const kill = async (): Promise<void> => {
    if (running === null) return;
    const { alive, journal } = running;
    running = null;
    alive.value = false;
    for (const pair of relay.network.pairs) pair.vanish();
    for (const link of links.values()) link.cut();
    await turn();
    await journal.close();
  };

  return {
    time,
    relay,
    log,
    failures,
    reader: (name) => {
      const link = links.get(name);
      if (link === undefined) throw new Error(`no reader ${name}`);
      return link;
    },
    forwarder: () => {
      if (running === null) throw new Error('the forwarder does not run');
      return running.forwarder;
    },
    journalled: (reader) => journalled.get(reader) ?? [],
    start,
    kill,
    settle,
    pass: async (ms) => {
      await settle();
      for (let left = ms; left > 0; ) {
        const step = Math.min(left, Math.max(1, time.untilNext() ?? left));
        time.advance(step);
        left -= step;
        await settle();
      }
    },
    failCommits: (reply) => {
      failing = reply;
    },
    answerIdentity: (reply) => {
      identity = reply;
    },
    newDisk: () => {
      directory = mkdtempSync(join(tmpdir(), 'baton-forwarder-'));
      directories.push(directory);
    },
    end: async () => {
      await kill();
      for (const it of directories) rmSync(it, { recursive: true, force: true });
    },
  };
};
