/** As much of PouchDB as the benchmark uses; the package has no types. */
declare module 'pouchdb-browser' {
  interface BulkAnswer {
    readonly error?: boolean;
  }
  interface AllDocs<T> {
    readonly rows: readonly { readonly doc?: T }[];
  }
  class PouchDB {
    constructor(name: string);
    info(): Promise<unknown>;
    bulkDocs(docs: readonly object[]): Promise<readonly BulkAnswer[]>;
    get<T = object>(id: string): Promise<T>;
    put(doc: object): Promise<unknown>;
    allDocs<T>(options: { include_docs: boolean; startkey: string; endkey: string }): Promise<AllDocs<T>>;
  }
  // biome-ignore lint/style/noDefaultExport: so the package exports it
  export default PouchDB;
}
