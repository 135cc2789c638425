/** The C library this Node runs on: a compiled module runs on the same one, of this version or a newer. */
const libc = () => {
  if (process.platform !== 'linux') return { libc: null, libcVersion: null };
  process.report.excludeNetwork = true;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return { libc: glibcVersionRuntime === undefined ? 'musl' : 'glibc', libcVersion: glibcVersionRuntime ?? null };
};

/** What a compiled module depends on, of the Node that runs here. */
export const platformHere = () => ({
  platform: process.platform,
  arch: process.arch,
  ...libc(),
  modules: process.versions.modules,
  node: process.versions.node,
});

const major = (version) => version.split('.', 1)[0];

const nameOf = ({ platform, arch, libc: library, libcVersion, node }) =>
  [
    `${platform}-${arch}`,
    ...(library === null ? [] : [[library, libcVersion].filter(Boolean).join(' ')]),
    `Node ${node}`,
  ].join(', ');

const isOlder = (version, than) => {
  if (version === null || than === null) return false;
  const [a, b] = [version, than].map((it) => it.split('.').map(Number));
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
};

/**
 * Why a package does not run here.
 *
 * @param made platform it was made on
 * @returns one line, or null when it runs
 */
export const mismatch = (made, here) => {
  const fits =
    made.platform === here.platform &&
    made.arch === here.arch &&
    made.libc === here.libc &&
    !isOlder(here.libcVersion, made.libcVersion);
  if (fits && made.modules === here.modules) return null;
  const cure = fits
    ? `run it with Node ${major(made.node)}, or make a package with this Node (npm run package in the repository)`
    : 'make a package on a machine like this one (npm run package in the repository), or use the container';
  return `this package was made for ${nameOf(made)}; this is ${nameOf(here)}: ${cure}`;
};
