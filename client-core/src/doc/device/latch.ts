/** A promise that is resolved from outside, once; more calls of `open` do nothing. */
export interface Latch {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

export const createLatch = (): Latch => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
};
