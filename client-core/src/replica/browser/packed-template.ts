/**
 * What a new database in a browser begins with, as one on files does: Postgres' own beginning takes twice as long. The build makes it,
 * 1 MB gzipped; the path is the same from the sources and from what was built, and a bundler that follows it makes an asset of it.
 */
const PACKED = new URL('../../../dist/replica/templates/packed-template.tar.gz', import.meta.url);

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Null: there is none to be had, and the database begins as ever. */
export const fetchTemplate = async (): Promise<Blob | null> => {
  try {
    const response = await fetch(PACKED);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return response.ok && isGzip(bytes) ? new Blob([bytes], { type: 'application/gzip' }) : null;
  } catch {
    return null; // no network: a page that is kept on the device has it there
  }
};

const isThere = async (path: string): Promise<boolean> => {
  let folder = await navigator.storage.getDirectory();
  try {
    for (const name of path.split('/')) folder = await folder.getDirectoryHandle(name);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return false;
    throw error;
  }
};

/** Whether nothing lies under PGlite's address of a database: only then may a template be put there. */
export const isUnused = async (address: string): Promise<boolean> => {
  const [scheme, path = ''] = address.split('://');
  switch (scheme) {
    case 'opfs-ahp':
      return !(await isThere(path));
    case 'idb':
      return (await indexedDB.databases()).every(({ name }) => name !== `/pglite/${path}`);
    default:
      return true;
  }
};
