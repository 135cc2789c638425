/**
 * Shapes of JSON for the spectator page: a value that fits comes back with its type, fields nobody
 * named are dropped. Not zod: its core is shared by all pages of one build, and what the operator's
 * page needs of it would triple what a phone loads.
 */
export type Shape<T> = (value: unknown) => T | typeof MISFIT;

export const MISFIT = Symbol('misfit');

export type Shaped<S> = S extends Shape<infer T> ? T : never;

export const text: Shape<string> = (value) => (typeof value === 'string' ? value : MISFIT);

export const number: Shape<number> = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : MISFIT);

/** Null, also where the field is absent. */
export const flag: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : MISFIT);

export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value) =>
    value === null || value === undefined ? null : shape(value);

export const oneOf =
  <T extends string>(...words: readonly T[]): Shape<T> =>
  (value) =>
    words.find((it) => it === value) ?? MISFIT;

/** Every item must fit: half a list is a wrong one. */
export const listOf =
  <T>(shape: Shape<T>): Shape<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value)) return MISFIT;
    const items: T[] = [];
    for (const item of value) {
      const shaped = shape(item);
      if (shaped === MISFIT) return MISFIT;
      items.push(shaped);
    }
    return items;
  };

export const objectOf =
  <F extends Readonly<Record<string, Shape<unknown>>>>(fields: F): Shape<{ readonly [K in keyof F]: Shaped<F[K]> }> =>
  (value) => {
    if (typeof value !== 'object' || value === null) return MISFIT;
    const shaped: Record<string, unknown> = {};
    for (const [name, shape] of Object.entries(fields)) {
      const field = shape(Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);
      if (field === MISFIT) return MISFIT;
      shaped[name] = field;
    }
    // Object.entries loses which name has which shape; the loop above has checked each of them
    return shaped as { readonly [K in keyof F]: Shaped<F[K]> };
  };

/** An object of any names with one shape behind each. */
export const recordOf =
  <T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  (value) => {
    if (typeof value !== 'object' || value === null) return MISFIT;
    const shaped: [string, T][] = [];
    for (const [name, item] of Object.entries(value)) {
      const field = shape(item);
      if (field === MISFIT) return MISFIT;
      shaped.push([name, field]);
    }
    return Object.fromEntries(shaped);
  };

/** The value in its shape, or null when it does not fit. */
export const shapedAs = <T>(shape: Shape<T>, value: unknown): T | null => {
  const shaped = shape(value);
  return shaped === MISFIT ? null : shaped;
};
