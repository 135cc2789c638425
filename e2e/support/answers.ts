/** A number property of an answer; fails when it is not there. */
export const numberOf = (body: unknown, name: string): number => {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  if (typeof value !== 'number') throw new Error(`expected a number ${name} in ${JSON.stringify(body)}`);
  return value;
};
