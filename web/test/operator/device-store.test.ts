import { createVirtualTime } from '@baton/testkit';
import { expect, it } from 'vitest';
import { createDeviceStore } from '../../src/operator/device-store.ts';
import type { DeviceStorage, Persistence } from '../../src/platform/device-storage.ts';

const stage = (answer: Persistence) => {
  const time = createVirtualTime();
  let asked = 0;
  let persistence: Persistence = 'may-be-cleared';
  const storage: DeviceStorage = {
    persist: async () => {
      asked++;
      persistence = answer;
      return answer;
    },
    standing: async () => ({ persistence, usedBytes: asked, quotaBytes: 10 }),
  };
  const documents = {
    unsaved: async () => new Map(),
    forget: async () => {},
    leftBehind: async () => 0,
    adopt: async () => {},
    keptBehind: async () => new Map(),
    forgetBehind: async () => {},
  };
  return { time, store: createDeviceStore({ storage, documents, timers: time.timers }), asked: () => asked };
};

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

it('[P28] asks the browser to keep what it stores, once, and shows its answer', async () => {
  const { store, asked } = stage('persisted');
  await settle();
  expect([asked(), store.standing.value?.persistence]).toEqual([0, 'may-be-cleared']);
  store.askToPersist();
  store.askToPersist();
  await settle();
  expect([asked(), store.standing.value?.persistence]).toEqual([1, 'persisted']);
});

it('looks again now and then', async () => {
  const { store, time } = stage('may-be-cleared');
  await settle();
  store.askToPersist();
  await settle();
  time.advance(60_000);
  await settle();
  expect(store.standing.value).toEqual({ persistence: 'may-be-cleared', usedBytes: 1, quotaBytes: 10 });
});
