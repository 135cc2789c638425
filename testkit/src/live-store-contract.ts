import type { DeadLetter, LiveStore } from '@baton/client-core';
import { afterEach, describe, expect, it } from 'vitest';

export interface LiveStoreHarness {
  readonly store: LiveStore;
  /** The same store anew, as after a restart of the process; left out where nothing is kept. */
  readonly reopen?: () => Promise<LiveStore>;
  readonly end: () => Promise<void>;
}

const letterOf = (manager: string, key: string, at: number): DeadLetter => ({
  manager,
  command: { key, type: 'webhook', payload: { url: 'https://example.org/', text: 'ü\n"\u0000' } },
  error: 'HTTP 422',
  at,
  attempts: 1,
});

const HOSTILE_KEYS = [
  '../../x',
  'a/b\\c',
  'ключ',
  '__proto__',
  '\u0000',
  'k'.repeat(512),
  "'; DROP TABLE dead_letters; --",
];

/** What every driver of `LiveStore` must do, as a vitest suite. */
export const liveStoreContract = (name: string, open: () => Promise<LiveStoreHarness>): void => {
  describe(`live store contract: ${name}`, () => {
    let harness: LiveStoreHarness | null = null;
    const opened = async (): Promise<LiveStoreHarness> => {
      harness = await open();
      return harness;
    };
    afterEach(async () => {
      await harness?.end();
      harness = null;
    });

    it('has no checkpoint at first, then the last one that was saved', async () => {
      const { store } = await opened();
      expect(await store.load('laps')).toEqual({ ok: true, value: null });
      for (const text of ['one', 'two', '']) {
        expect(await store.save('laps', text)).toEqual({ ok: true, value: undefined });
        expect(await store.load('laps')).toEqual({ ok: true, value: text });
      }
      expect(await store.load('others')).toEqual({ ok: true, value: null });
    });

    it('keeps checkpoints of a megabyte', async () => {
      const { store } = await opened();
      const text = 'ä'.repeat(500_000);
      await store.save('big', text);
      expect(await store.load('big')).toEqual({ ok: true, value: text });
    });

    it('takes saves and letters at once', async () => {
      const { store } = await opened();
      const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
      const done = await Promise.all(
        names.flatMap((it) => [store.save(it, it), store.putLetter(letterOf('m', it, 1))]),
      );
      expect(done.every((it) => it.ok)).toBe(true);
      for (const it of names) expect(await store.load(it)).toEqual({ ok: true, value: it });
      expect((await store.letters('m')).ok && (await store.letters('m'))).toMatchObject({ value: { length: 20 } });
    });

    it('lists letters oldest first, of one manager or of all; the same key again replaces', async () => {
      const { store } = await opened();
      const [late, early, other] = [letterOf('m', 'late', 20), letterOf('m', 'early', 10), letterOf('n', 'other', 15)];
      for (const it of [late, early, other]) await store.putLetter(it);
      expect(await store.letters('m')).toEqual({ ok: true, value: [early, late] });
      expect(await store.letters()).toEqual({ ok: true, value: [early, other, late] });
      await store.putLetter({ ...early, attempts: 2 });
      expect(await store.letters('m')).toEqual({ ok: true, value: [{ ...early, attempts: 2 }, late] });
    });

    it('drops a letter once', async () => {
      const { store } = await opened();
      await store.putLetter(letterOf('m', 'k', 1));
      expect(await store.dropLetter('n', 'k')).toEqual({ ok: true, value: false });
      expect(await store.dropLetter('m', 'k')).toEqual({ ok: true, value: true });
      expect(await store.dropLetter('m', 'k')).toEqual({ ok: true, value: false });
      expect(await store.letters()).toEqual({ ok: true, value: [] });
    });

    it('takes any key', async () => {
      const { store } = await opened();
      for (const [at, key] of HOSTILE_KEYS.entries()) await store.putLetter(letterOf('m', key, at));
      const listed = await store.letters('m');
      expect(listed.ok && listed.value.map(({ command }) => command.key)).toEqual(HOSTILE_KEYS);
      for (const key of HOSTILE_KEYS) expect(await store.dropLetter('m', key)).toEqual({ ok: true, value: true });
    });

    it('has everything after it was opened again', async () => {
      const { store, reopen } = await opened();
      await store.save('laps', 'kept');
      await store.putLetter(letterOf('m', 'k', 1));
      const again = (await reopen?.()) ?? store;
      expect(await again.load('laps')).toEqual({ ok: true, value: 'kept' });
      expect(await again.letters()).toEqual({ ok: true, value: [letterOf('m', 'k', 1)] });
      if (again !== store) await again.close();
    });
  });
};
