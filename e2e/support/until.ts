const STEP_MS = 25;

/**
 * Waits until `probe` gives something other than undefined and false, and returns it.
 *
 * @param what names the condition; part of the error when it does not come true within `timeoutMs`
 * @param probe may throw: what it threw last becomes the error's cause
 */
export const until = async <T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain until ${what}`, cause === undefined ? {} : { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
};
