import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { productionClosure } from './closure.mjs';
import { platformHere } from './platform.mjs';

/** The program's parts; what they need follows. */
const WORKSPACES = ['client-core', 'sync-server'];

/** Types and source maps: Node loads none of them. Not every `.map` is one: the replica's template has a `pg_filenode.map`. */
const isForDevelopment = (file) => /\.(?:[cm]?ts|[cm]?[jt]s\.map|css\.map|tsbuildinfo)$/.test(file);

/** What a package brings along to be compiled, or for others: the rest of it is packed. */
const LEFT_OUT = {
  'node_modules/better-sqlite3': (path) =>
    /^(?:deps|src|binding\.gyp)(?:\/|$)/.test(path) ||
    (path.startsWith('build/Release/') && path !== 'build/Release/better_sqlite3.node') ||
    (path.startsWith('build/') && !path.startsWith('build/Release')),
  // extensions of Postgres that nothing here loads
  'node_modules/@electric-sql/pglite': (path) => path.endsWith('.tar.gz'),
};

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

const copyPackage = (from, to, leavesOut) =>
  cpSync(from, to, {
    recursive: true,
    filter: (source) => {
      const path = relative(from, source).split(sep).join('/');
      if (path === 'node_modules') return false; // each package has its own place
      return path === '' || !(isForDevelopment(basename(source)) || leavesOut(path));
    },
  });

/** Tests, and what an earlier build left behind of a file that is no more. */
const isNotBuilt = (from) => (path) =>
  path === 'test' || (path.endsWith('.js') && !existsSync(join(from, 'src', path.replace(/js$/, 'ts'))));

/** A workspace is its manifest and what was built. */
const copyWorkspace = (from, to, leavesOut) => {
  mkdirSync(to, { recursive: true });
  cpSync(join(from, 'package.json'), join(to, 'package.json'));
  copyPackage(join(from, 'dist'), join(to, 'dist'), leavesOut);
};

const workspacesOf = ({ packages }) =>
  Object.entries(packages)
    .filter(([place, { link }]) => link === true && place.startsWith('node_modules/'))
    .map(([place, { resolved }]) => ({ folder: resolved, name: place.slice('node_modules/'.length) }));

/** Where a package of the lock file goes: workspaces become packages, what was nested in one stays so. */
const placeOf = (workspaces, place) => {
  const found = workspaces.find(({ folder }) => place === folder || place.startsWith(`${folder}/`));
  return found === undefined ? place : `node_modules/${found.name}${place.slice(found.folder.length)}`;
};

/** With it as it is, an installer would compile the module again, or fetch one. */
const markAsCompiled = (folder) => {
  const manifest = readJson(join(folder, 'package.json'));
  delete manifest.scripts;
  delete manifest.dependencies['prebuild-install'];
  writeJson(join(folder, 'package.json'), manifest);
};

const namesIn = (folder) =>
  readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((it) => `${name}/${it}`) : [name],
  );

/** For who installs it with npm: everything is inside, nothing is fetched or compiled. */
const manifestOf = (root, folder, made) => {
  const { name, version, description, license, type } = readJson(join(root, 'package.json'));
  const inside = ['@baton/client-core', '@baton/sync-server'];
  return {
    name,
    version,
    description,
    license,
    type,
    bin: { baton: 'bin/baton' },
    engines: { node: `${made.node.split('.', 1)[0]}.x` },
    os: [made.platform],
    cpu: [made.arch],
    ...(made.libc === null ? {} : { libc: [made.libc] }),
    dependencies: Object.fromEntries(inside.map((it) => [it, version])),
    bundleDependencies: namesIn(join(folder, 'node_modules')),
  };
};

/** Whoever made it, everybody may read it and nobody but its owner change it. */
const setModes = (folder) => {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) setModes(path);
    else chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
};

/** Beside the packages: how it is run, and the pages for people, which lead only to what is packed too. */
export const PACKED = {
  files: ['bin/baton', 'bin/package/platform.mjs', 'AGENTS.md', 'CHANGELOG.md', 'README.md'],
  folders: ['docs', 'deploy'],
};

const copyProgram = (root, folder) => {
  mkdirSync(join(folder, 'bin/package'), { recursive: true });
  for (const file of PACKED.files) cpSync(join(root, file), join(folder, file));
  for (const name of PACKED.folders) cpSync(join(root, name), join(folder, name), { recursive: true });
};

const copyPackages = (root, folder) => {
  const lock = readJson(join(root, 'package-lock.json'));
  const workspaces = workspacesOf(lock);
  for (const place of productionClosure(lock, WORKSPACES)) {
    const [from, to] = [join(root, place), join(folder, placeOf(workspaces, place))];
    if (workspaces.some((it) => it.folder === place)) copyWorkspace(from, to, isNotBuilt(from));
    else copyPackage(from, to, LEFT_OUT[place] ?? (() => false));
  }
  markAsCompiled(join(folder, 'node_modules/better-sqlite3'));
  copyWorkspace(join(root, 'web'), join(folder, 'node_modules/@baton/web'), () => false);
};

/** What must be there before; each stands for one step of the set-up. */
const NEEDED = [
  'client-core/dist/cli/main.js',
  'client-core/dist/replica/templates',
  'sync-server/dist/cli.js',
  'web/dist/index.html',
  'node_modules/better-sqlite3/build/Release/better_sqlite3.node',
];

const checkReady = (root) => {
  const missing = NEEDED.filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} missing: run npm run setup first`);
};

/**
 * Lays out in `folder` all that a machine without the repository needs to run `baton`: the built program and pages, its
 * packages with the compiled module for this platform, and the pages for people who host it.
 */
export const stage = (root, folder) => {
  checkReady(root);
  const made = platformHere();
  copyProgram(root, folder);
  copyPackages(root, folder);
  writeJson(join(folder, 'package.json'), manifestOf(root, folder, made));
  writeJson(join(folder, 'made-for.json'), made);
  setModes(folder);
};
