import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createPageVersions, type KeptBuild, type KeptRegistration } from '../../src/platform/page-version.ts';

/** A build as browsers show it: it changes state, and tells. */
class Build extends EventTarget implements KeptBuild {
  state: string;
  readonly heard: unknown[] = [];
  constructor(state: string) {
    super();
    this.state = state;
  }
  postMessage(message: unknown): void {
    this.heard.push(message);
  }
  become(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

class Registration extends EventTarget implements KeptRegistration {
  active: Build | null = null;
  waiting: Build | null = null;
  installing: Build | null = null;
  looked = 0;
  answer: () => Promise<unknown> = () => Promise.resolve();
  update(): Promise<unknown> {
    this.looked++;
    return this.answer();
  }
  find(): Build {
    const build = new Build('installing');
    this.installing = build;
    this.dispatchEvent(new Event('updatefound'));
    return build;
  }
  install(build: Build): void {
    this.installing = null;
    this.waiting = build;
    build.become('installed');
  }
  activate(build: Build): void {
    this.waiting = null;
    this.active = build;
    build.become('activated');
  }
}

const open = async (registration: Registration, refusal?: Error) => {
  const time = createVirtualTime();
  let reloads = 0;
  let seen: () => void = () => {};
  const versions = createPageVersions({
    scope: '/operate',
    keeper: {
      register: async () => {
        if (refusal !== undefined) throw refusal;
        return registration;
      },
    },
    isSecure: true,
    timers: time.timers,
    attention: {
      visible: () => true,
      online: () => true,
      onChange: (listener) => {
        seen = listener;
        return () => {};
      },
    },
    reload: () => void reloads++,
  });
  await time.advanceAsync(0);
  return { versions, time, reloads: () => reloads, seen: () => seen(), type: () => versions.version.value.type };
};

const kept = (): Registration => {
  const registration = new Registration();
  registration.active = new Build('activated');
  return registration;
};

describe('the version of a page', () => {
  it('is being fetched on the first visit, then kept', async () => {
    const registration = new Registration();
    const { type, reloads } = await open(registration);
    expect(type()).toBe('fetching');
    const build = registration.find();
    registration.install(build);
    expect(type()).toBe('fetching');
    registration.activate(build);
    expect(type()).toBe('kept');
    expect(reloads()).toBe(0);
  });

  it('[P28] says so when it cannot be kept', async () => {
    const failed = new Registration();
    const { type } = await open(failed);
    const build = failed.find();
    build.become('redundant');
    expect(type()).toBe('not-kept');
    const refused = await open(new Registration(), new DOMException('no', 'SecurityError'));
    expect(refused.versions.version.value).toEqual({ type: 'not-kept', reason: 'refused' });
    const time = createVirtualTime();
    const attention = { visible: () => true, online: () => true, onChange: () => () => {} };
    for (const [isSecure, reason] of [
      [true, 'unsupported'],
      [false, 'insecure'],
    ] as const) {
      const { version } = createPageVersions({
        scope: '/operate',
        keeper: undefined,
        isSecure,
        timers: time.timers,
        attention,
        reload: () => {},
      });
      expect(version.value).toEqual({ type: 'not-kept', reason });
    }
  });

  it('waits until it is taken, and only then loads the page anew', async () => {
    const registration = kept();
    const { versions, type, reloads } = await open(registration);
    const build = registration.find();
    registration.install(build);
    expect(type()).toBe('ready');
    expect([build.heard, reloads()]).toEqual([[], 0]);
    versions.take();
    expect([type(), build.heard, reloads()]).toEqual(['taking', ['take-over'], 0]);
    registration.activate(build);
    expect(reloads()).toBe(1);
  });

  it('that was taken, and in whose place comes a still newer one, becomes that one', async () => {
    const registration = kept();
    const { versions, type, reloads } = await open(registration);
    const build = registration.find();
    registration.install(build);
    versions.take();
    versions.take();
    expect(build.heard).toEqual(['take-over']);
    const newer = registration.find();
    registration.install(newer);
    build.become('redundant');
    expect([type(), newer.heard, reloads()]).toEqual(['taking', ['take-over'], 0]);
    registration.activate(newer);
    expect(reloads()).toBe(1);
  });

  it('that waited since before the page was opened is offered, too', async () => {
    const registration = kept();
    registration.waiting = new Build('installed');
    expect((await open(registration)).type()).toBe('ready');
  });

  it('taken in another tab is told, and nothing is loaded under anybody’s hands', async () => {
    const registration = kept();
    const { versions, type, reloads } = await open(registration);
    const build = registration.find();
    registration.install(build);
    registration.activate(build);
    expect([type(), reloads()]).toEqual(['outdated', 0]);
    versions.take();
    expect(reloads()).toBe(1);
  });

  it('is looked for by itself each quarter of an hour and when the page is seen again, with or without the relay', async () => {
    const registration = kept();
    const { time, seen, type } = await open(registration);
    registration.answer = () => Promise.reject(new TypeError('no network'));
    await time.advanceAsync(31 * 60_000);
    expect(registration.looked).toBe(2);
    seen();
    expect(registration.looked).toBe(3);
    await time.advanceAsync(0);
    expect(type()).toBe('kept');
  });
});
