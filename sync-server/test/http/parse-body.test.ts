import { IngestResults, IngestStructure } from '@baton/schema/http';
import { runAtOnce } from '@baton/schema/roster';
import { describe, expect, it } from 'vitest';
import { parse, parseLists } from '../../src/http/parse-body.ts';

const raceId = '00000000-0000-4000-8000-000000000001';
const COUNT = 2300;
/** Items that one step may look at. */
const PIECE = 500;

const result = (n: number): object => ({ raceId, bib: `${n}`, timeMs: n, ...(n % 2 === 0 ? { status: '' } : {}) });
const results = (count: number, change: (n: number) => object = result) => ({
  results: Array.from({ length: count }, (_, n) => change(n)),
});
const LISTS = { results: 10_000 };

describe('a body with a long list', () => {
  it('[P16] is parsed some hundred items at a time, to what it is at once', () => {
    const work = parseLists(IngestResults, results(COUNT), LISTS);
    let steps = 1;
    let step = work.next();
    for (; step.done !== true; step = work.next()) steps++;
    expect(steps).toBeGreaterThan(COUNT / PIECE);
    expect(step.value).toEqual(parse(IngestResults, results(COUNT), 'body'));
  });

  it('names what is wrong by its place in the whole list', () => {
    const body = results(COUNT, (n) => (n === 1777 ? { ...result(n), timeMs: 'soon' } : result(n)));
    expect(runAtOnce(parseLists(IngestResults, body, LISTS))).toEqual(parse(IngestResults, body, 'body'));
  });

  it('is refused when it is too long, or has a field that nobody knows', () => {
    const long = runAtOnce(parseLists(IngestResults, results(10_001), LISTS));
    expect(long).toMatchObject({
      ok: false,
      error: { code: 'BAD_REQUEST', details: { fields: { results: expect.stringContaining('10000') } } },
    });
    const odd = { ...results(COUNT), more: 1 };
    expect(runAtOnce(parseLists(IngestResults, odd, LISTS))).toEqual(parse(IngestResults, odd, 'body'));
  });

  it('keeps what else is in it', () => {
    const participants = Array.from({ length: COUNT }, (_, n) => ({ bib: `${n}`, raceId, name: `Runner ${n}` }));
    const body = { races: [{ raceId, name: 'Ten' }], participants };
    const lists = { participants: 20_000 };
    expect(runAtOnce(parseLists(IngestStructure, body, lists))).toEqual(parse(IngestStructure, body, 'body'));
  });

  it('may be anything', () => {
    for (const value of [null, 7, 'x', [], {}, { results: 7 }, { results: [] }, results(3)]) {
      expect(runAtOnce(parseLists(IngestResults, value, LISTS))).toEqual(parse(IngestResults, value, 'body'));
    }
  });
});
