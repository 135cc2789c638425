import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeCommands, openVenueLink } from '@baton/client-core/cli';
import type { CommandSpec } from '@baton/schema/command';
import { relayCommands } from '@baton/sync-server/cli';
import { describe, expect, it } from 'vitest';
import {
  batonArguments,
  commandsOfLine,
  inlineCommands,
  type PrintedCommand,
  shellBlocks,
} from '../src/shell-lines.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMANDS: readonly CommandSpec[] = [...relayCommands({ openVenueLink }), ...nodeCommands];

const pages = (): readonly string[] => [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const specOf = (args: readonly string[]): CommandSpec | undefined =>
  COMMANDS.toSorted((a, b) => b.name.length - a.name.length).find(({ name }) =>
    name.split(' ').every((word, at) => args[at] === word),
  );

const ALL_HAVE: ReadonlySet<string> = new Set(['--help', '--version']);
const isFamily = (args: readonly string[]): boolean => COMMANDS.some(({ name }) => name.startsWith(`${args[0]} `));

/** What is wrong with an option; null when nothing is. */
const optionTrouble = (spec: CommandSpec, args: readonly string[], at: number): string | null => {
  const [name = '', inline] = (args[at] ?? '').split('=', 2);
  if (ALL_HAVE.has(name)) return null;
  const option = spec.options.find((it) => `--${it.name}` === name);
  if (option === undefined) return `'baton ${spec.name}' has no ${name}`;
  const value = inline ?? args[at + 1];
  return option.value !== undefined && (value === undefined || value.startsWith('--'))
    ? `${name} without a value`
    : null;
};

const troubleWith = (args: readonly string[]): string | null => {
  if (args.length === 0 || ALL_HAVE.has(args[0] ?? '')) return null;
  const spec = specOf(args);
  if (spec === undefined) return isFamily(args) || args[0]?.startsWith('<') ? null : `there is no 'baton ${args[0]}'`;
  const troubles = args.map((word, at) => (word.startsWith('--') ? optionTrouble(spec, args, at) : null));
  return troubles.find((it) => it !== null) ?? null;
};

const troublesOf = (commands: readonly PrintedCommand[]): readonly string[] =>
  commands.flatMap((command) => {
    const args = batonArguments(command);
    const trouble = args === null ? null : troubleWith(args);
    return trouble === null ? [] : [`line ${command.line}: ${trouble}`];
  });

describe('commands that the docs print', () => {
  it.each(pages())('%s names commands and options that there are', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    expect(troublesOf([...shellBlocks(text), ...inlineCommands(text)])).toEqual([]);
  });

  it('the guide has every command that there is', () => {
    const guide = readFileSync(join(ROOT, 'docs/guide.md'), 'utf8');
    const told = [...shellBlocks(guide), ...inlineCommands(guide)].flatMap((it) => {
      const args = batonArguments(it);
      return args === null ? [] : (specOf(args)?.name ?? []);
    });
    expect(COMMANDS.map(({ name }) => name).filter((name) => !told.includes(name))).toEqual([]);
  });

  it('are found at all, and wrong ones too', () => {
    const guide = readFileSync(join(ROOT, 'docs/guide.md'), 'utf8');
    expect(shellBlocks(guide).filter((it) => batonArguments(it) !== null).length).toBeGreaterThan(8);
    expect(troublesOf(shellBlocks('```sh\nbaton relay --prot 1\nnpx baton fly\nbaton relay --port\n```'))).toEqual([
      "line 2: 'baton relay' has no --prot",
      "line 3: there is no 'baton fly'",
      'line 4: --port without a value',
    ]);
    expect(troublesOf(inlineCommands('say `npx baton forward --raeder x` to it'))).toHaveLength(1);
  });
});

describe('words of a printed line', () => {
  it('are as a shell would have them', () => {
    const [first, second] = commandsOfLine(`A=1 npx baton x --t "a b" --n <the token> y='c d'  # why | not`, 7);
    expect(first).toEqual({
      line: 7,
      env: { A: '1' },
      words: ['npx', 'baton', 'x', '--t', 'a b', '--n', '<the token>', 'y=c d'],
    });
    expect(second).toBeUndefined();
    expect(commandsOfLine(`echo 'a|b' | baton y`).map((it) => it.words)).toEqual([
      ['echo', 'a|b'],
      ['baton', 'y'],
    ]);
  });
});

describe('links between pages', () => {
  const anchorOf = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  const anchors = (path: string): ReadonlySet<string> =>
    new Set([...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
  const isThere = (from: string, link: string): boolean => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? join(ROOT, from) : join(ROOT, from, '..', path);
    try {
      return anchor === undefined
        ? readdirSync(join(target, '..')).length > 0 && readsOrLists(target)
        : anchors(target).has(anchor);
    } catch {
      return false; // not there: that is the answer
    }
  };
  const readsOrLists = (path: string): boolean => {
    try {
      return readFileSync(path).length > 0;
    } catch {
      return readdirSync(path).length > 0;
    }
  };

  it.each(pages())('%s leads to places that there are', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/`[^`\n]*`/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((it) => !it.includes('://'));
    expect(links.filter((link) => !isThere(page, link))).toEqual([]);
  });
});
