import { describe, expect, it } from 'vitest';
import { textOf, version } from './repository.ts';

const WORKSPACES = ['schema', 'client-core', 'sync-server', 'web', 'testkit', 'e2e', 'bench'];

describe('the version', () => {
  it('is one for the whole repository', () => {
    for (const name of WORKSPACES) {
      const manifest = JSON.parse(textOf(`${name}/package.json`)) as { version: string; dependencies: object };
      expect([name, manifest.version]).toEqual([name, version]);
      const ours = Object.entries(manifest.dependencies).filter(([it]) => it.startsWith('@baton/'));
      for (const [dependency, wanted] of ours) expect([name, dependency, wanted]).toEqual([name, dependency, version]);
    }
  });

  it('is the one that images and packages are named after', () => {
    for (const file of ['deploy/Dockerfile', 'deploy/compose.yaml', 'docs/hosting.md']) {
      const named = [...textOf(file).matchAll(/\bbaton:(\d+\.\d+\.\d+)/g)].map((it) => it[1]);
      expect([file, [...new Set(named)]]).toEqual([file, [version]]);
    }
  });

  it('is told of in the changelog: what comes first, then versions, the newest first, with their days', () => {
    const headings = textOf('CHANGELOG.md').match(/^## .*$/gm) ?? [];
    expect(headings[0]).toBe('## [Unreleased]');
    const releases = headings.slice(1).map((it) => /^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$/.exec(it)?.[1] ?? it);
    expect(releases[0]).toBe(version);
    const weight = (it: string): number => it.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
    expect(releases).toEqual([...releases].sort((a, b) => weight(b) - weight(a)));
    const kinds = new Set(textOf('CHANGELOG.md').match(/^### .*$/gm));
    for (const kind of kinds) expect(kind).toMatch(/^### (?:Added|Changed|Deprecated|Removed|Fixed|Security)$/);
  });
});
