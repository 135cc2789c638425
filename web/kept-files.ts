import type { Plugin } from 'vite';

interface Built {
  readonly name: string;
  readonly text: string;
}

/**
 * The files that pages need, however they name them: scripts, styles, images, workers, what is loaded later. Every
 * built file has its content's hash in its name, so whoever mentions the name needs the file.
 */
export const filesOf = (pages: readonly string[], built: readonly Built[]): ReadonlySet<string> => {
  const texts = new Map(built.map(({ name, text }) => [name, text]));
  const found = new Set<string>();
  const visit = (name: string): void => {
    const text = texts.get(name);
    if (text === undefined || found.has(name)) return;
    found.add(name);
    for (const other of texts.keys()) if (text.includes(other.replace(/^assets\//, ''))) visit(other);
  };
  for (const page of pages) visit(page);
  return found;
};

export interface KeptFiles {
  /** Looks at what a build has made. */
  readonly plugin: Plugin;
  /** The kept pages that need a file, by the names they were given. */
  readonly pagesOf: (fileName: string) => readonly string[];
}

type Output = { readonly fileName: string } & (
  | { readonly type: 'chunk'; readonly code: string }
  | { readonly type: 'asset'; readonly source: string | Uint8Array }
);

const textOf = (it: Output): string => {
  if (it.type === 'chunk') return it.code;
  return isOpaque(it.fileName) ? '' : Buffer.from(it.source).toString('latin1');
};

/** No file names another inside these. */
const isOpaque = (name: string): boolean => /\.(?:wasm|data|png|gz)$/.test(name);

/** Which files of this build the pages kept on devices need. */
export const createKeptFiles = (pages: readonly string[]): KeptFiles => {
  let files: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  return {
    pagesOf: (fileName) => [...files].flatMap(([page, needed]) => (needed.has(fileName) ? [page] : [])),
    plugin: {
      name: 'baton-kept-files',
      apply: 'build',
      writeBundle: (_options, bundle) => {
        const built = Object.values(bundle).map((it) => ({
          name: it.fileName,
          text: textOf(it),
        }));
        files = new Map(pages.map((page) => [page, filesOf([page], built)]));
      },
    },
  };
};
