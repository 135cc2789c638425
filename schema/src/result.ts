/**
 * Expected failures are values: a function that can fail for a reason its caller
 * must decide about returns a `Result`; exceptions are left for bugs.
 */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });

export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });

/** Marks a branch that the types say cannot be reached; adding a case makes the call not compile. */
export const exhaustive = (value: never): never => {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
};
