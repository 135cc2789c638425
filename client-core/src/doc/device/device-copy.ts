import type { Ids, Log, Timers } from '@baton/schema/ports';
import type { CopyEvents, CopyState, DeviceFault, LocalCopy } from '../local-copy.ts';
import { connectDevice } from './device-connection.ts';
import type { DeviceDatabase } from './device-database.ts';
import { faultOf } from './device-fault.ts';
import { createDeviceFaults } from './device-faults.ts';
import { createLatch } from './latch.ts';
import { createOutboxWriter } from './outbox-writer.ts';
import { createStateWriter } from './state-writer.ts';
import { joinTabCircle } from './tab-circle.ts';
import { holdWriterLock, type WriterLockDeps } from './writer-lock.ts';

export interface DeviceCopyDeps extends WriterLockDeps {
  readonly timers: Timers;
  readonly ids: Ids;
  readonly log: Log;
}

const stateOf = (
  fault: DeviceFault | null,
  opening: boolean,
  kept: { readonly edits: number; readonly damaged: number },
): CopyState => {
  if (fault !== null) return { type: 'not-kept', fault };
  return opening ? { type: 'opening' } : { type: 'kept', ...kept };
};

const SIGNED_OUT: DeviceFault = { type: 'signed-out', message: 'signed out in another tab' };

/**
 * Keeps a document in IndexedDB under `name`. An edit goes to the outbox with `durability: 'strict'` at once
 * and stays in memory too until the relay has it; the tabs of one person pass their edits on to each other. A
 * fault is shown until everything has been stored again: nothing is given up.
 */
export const createDeviceCopy = (deps: DeviceCopyDeps, name: string, events: CopyEvents): LocalCopy => {
  const page = deps.ids.uuid();
  let phase: 'opening' | 'open' | 'closed' = 'opening';
  let damaged = 0;
  let made = 0;
  const latch = createLatch();

  const runAll = (): void => {
    void outbox.run();
    state.run();
  };
  const faults = createDeviceFaults(deps, name, { onChange: events.onChange, onRetry: runAll });

  const recover = (): void => {
    if (phase === 'open' && connection.current() !== null && !outbox.isBehind() && !state.isBehind()) faults.clear();
  };

  const outbox = createOutboxWriter({
    database: () => connection.current(),
    onFailed: (error) => {
      faults.fail(error);
      tabs.share(outbox.entries().filter(({ stored }) => !stored));
    },
    onStored: (entries) => {
      tabs.share(entries);
      recover();
      if (phase !== 'closed') events.onChange();
    },
    onSettled: (added) => state.saw(added),
  });

  const state = createStateWriter({
    database: () => connection.current(),
    mayWrite: () => lock.isHeld(),
    encode: events.encode,
    onState: events.onState,
    onFailed: faults.fail,
    onWritten: recover,
  });

  const load = async (database: DeviceDatabase): Promise<void> => {
    const rows = await database.load();
    if (phase === 'closed') return;
    phase = 'open';
    damaged = rows.damaged;
    state.begin(rows.state.keys());
    for (const update of rows.state.values()) events.onState(update);
    tabs.take(rows.outbox.map((entry) => ({ ...entry, stored: true })));
    tabs.greet();
    recover();
    events.onChange();
    latch.open();
    runAll();
  };

  /** What was kept has been cleared: it is written again from what is in memory. */
  const restore = (): void => {
    outbox.rewrite();
    state.rewrite();
  };

  const show = (fault: DeviceFault): void => {
    faults.set(fault);
    latch.open();
  };

  const connection = connectDevice(deps.timers, name, {
    onOpen: (database) => {
      if (phase === 'open') restore();
      else load(database).catch((error: unknown) => show(faultOf(error)));
    },
    onFault: show,
  });

  const leave = (): void => {
    phase = 'closed';
    faults.close();
    tabs.close();
    lock.close();
    void outbox.run().then(connection.close);
    latch.open();
  };

  const tabs = joinTabCircle(name, outbox, {
    onEdits: events.onEdits,
    onChange: events.onChange,
    onSignedOut: () => {
      faults.set(SIGNED_OUT);
      leave();
    },
  });
  const lock = holdWriterLock(deps, name, () => state.run());

  return {
    opened: latch.opened,
    state: () => stateOf(faults.current(), phase === 'opening', { edits: outbox.storedCount(), damaged }),
    keepEdit: (update) => {
      const entry = { id: `${page}/${made++}`, update, stored: false };
      outbox.add(entry);
      if (phase === 'closed') return;
      if (faults.current() !== null) tabs.share([entry]);
      void outbox.run();
    },
    keepState: state.keep,
    settle: outbox.settle,
    close: leave,
  };
};
