/** What the operating system or a compiler is asked for at install only: the compiled module is packed instead. */
const AT_INSTALL_ONLY = new Set(['prebuild-install']);

/** Where Node finds `name` from a package at `from`: the nearest `node_modules` above it. */
const locate = (packages, from, name) => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    const found = packages[path];
    if (found !== undefined) return found.link ? found.resolved : path;
    if (folder === '') return undefined;
  }
};

/**
 * The packages that a program made of these workspaces loads, as places in the lock file: `client-core`,
 * `node_modules/ws`, `client-core/node_modules/commander`, …
 *
 * @param {{packages: Record<string, any>}} lock package-lock.json
 * @param {readonly string[]} workspaces folders to begin with
 */
export const productionClosure = (lock, workspaces) => {
  const found = new Set();
  const visit = (place) => {
    if (found.has(place)) return;
    found.add(place);
    const { dependencies = {}, optionalDependencies = {} } = lock.packages[place];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (AT_INSTALL_ONLY.has(name)) continue;
      const next = locate(lock.packages, place, name);
      if (next !== undefined) visit(next);
      else if (name in dependencies) throw new Error(`${name}, which ${place} needs, is not in package-lock.json`);
    }
  };
  for (const workspace of workspaces) visit(workspace);
  return [...found].sort();
};
