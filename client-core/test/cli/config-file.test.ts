import type { OptionSpec } from '@baton/schema/command';
import { err, ok } from '@baton/schema/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../src/cli/config-file.ts';
import { readConfigJson } from '../../src/cli/config-json.ts';

const OPTIONS: readonly OptionSpec[] = [
  { name: 'host', value: 'HOST', help: 'address', default: '127.0.0.1' },
  { name: 'port', value: 'PORT', help: 'port' },
  { name: 'admin-token', value: 'TOKEN', help: 'secret' },
  { name: 'allow-origin', value: 'ORIGIN', help: 'origin', repeat: true },
  { name: 'public-metrics', help: 'a switch' },
];

const read = (text: string) => readConfigFile('relay.json', () => ok(text), OPTIONS);

describe('a file with options', () => {
  it('has the options’ names and each one’s kind of value', () => {
    const text =
      '\uFEFF{\r\n "port": 9000, "host": "::",\n "allow-origin": ["https://a", "https://b"], "public-metrics": true }\n';
    expect(read(text)).toEqual(
      ok({ port: '9000', host: '::', 'allow-origin': ['https://a', 'https://b'], 'public-metrics': true }),
    );
    expect(read('{"allow-origin": "https://a", "public-metrics": false}')).toEqual(
      ok({ 'allow-origin': ['https://a'], 'public-metrics': false }),
    );
    expect(read(' {} ')).toEqual(ok({}));
  });

  it.each([
    ['', 'line 1: expected { (JSON)'],
    ['[]', 'line 1: expected { (JSON)'],
    ['{} {}', 'line 1: expected the end (JSON)'],
    ['{"port": 1} x', 'line 1: expected the end (JSON)'],
    ['{\n  "port": 1\n  "host": "a"\n}', 'line 3: expected a comma or } (JSON)'],
    ['{\n  "port": 1,\n}', 'line 3: expected a key in double quotes (JSON)'],
    ['{\n  port: 1\n}', 'line 2: expected a key in double quotes (JSON)'],
    ['{"port" 1}', 'line 1: expected a colon (JSON)'],
    ['{"port": 1', 'line 1: expected a comma or } (JSON)'],
    ['{\n"port": {"from": 1}}', 'line 2: expected a text, a number, true, false or a list of texts (JSON)'],
    ['{"allow-origin": ["a" "b"]}', 'line 1: expected a comma or ] (JSON)'],
    ['{"allow-origin": [["a"]]}', 'line 1: expected a text (JSON)'],
    ['{\n\n  "prot": 9000\n}', 'line 3: unknown key "prot"; a key is the name of an option without dashes, see --help'],
    ['{"config": "x"}', 'line 1: unknown key "config"; a key is the name of an option without dashes, see --help'],
    [
      '{"__proto__": "x"}',
      'line 1: unknown key "__proto__"; a key is the name of an option without dashes, see --help',
    ],
    ['{"port": 1,\n"port": 2}', 'line 2: "port" stands there twice; leave one out'],
    ['{"port": null}', 'line 1: "port": expected a text or a number'],
    ['{"port": ["1"]}', 'line 1: "port": expected a text or a number'],
    ['{"host": ""}', 'line 1: "host": expected a text or a number'],
    ['{"public-metrics": "yes"}', 'line 1: "public-metrics": expected true or false'],
    ['{"allow-origin": [true]}', 'line 1: "allow-origin": expected a list of texts'],
  ])('%j is refused with its line', (text, why) => {
    expect(read(text)).toEqual(err(`--config relay.json: ${why}`));
  });

  it('[P14] that is refused shows no value: it may be the secret', () => {
    for (const text of [
      '{"admin-token": "s3cret", "x": 1}',
      '{"x": "s3cret"}',
      '{"admin-token": "s3cret" "x"}',
      '{"admin-token": s3cret}',
      '{"admin-token": ["s3cret"]}',
      '{"admin-token": "s3cret',
    ]) {
      const found = read(text);
      expect(found.ok).toBe(false);
      expect(JSON.stringify(found)).not.toContain('s3cret');
    }
  });

  it('that is not there is said so', () => {
    const found = readConfigFile('nowhere.json', () => err('ENOENT: no such file'), OPTIONS);
    expect(found).toEqual(
      err('--config nowhere.json: cannot be read: ENOENT: no such file; expected a JSON file with options'),
    );
  });

  it('is read as JSON is, whatever stands in it', () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    const object = fc.dictionary(fc.string(), fc.oneof(scalar, fc.array(scalar)));
    const indent = fc.constantFrom(undefined, 2, '\t');
    fc.assert(
      fc.property(object, indent, (value, space) => {
        const found = readConfigJson(JSON.stringify(value, null, space));
        const entries = found.ok ? found.value.map((it) => [it.key, it.value]) : [];
        expect(found.ok).toBe(true);
        expect(entries).toEqual(Object.entries(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it('is never read where JSON is none', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '"', ':', ',', '[', ']', '1', 'a', '\n', '\\') }),
        (text) => {
          const found = readConfigJson(text);
          if (found.ok) expect(JSON.parse(text)).toBeTypeOf('object');
        },
      ),
    );
  });
});
