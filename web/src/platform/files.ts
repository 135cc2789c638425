/** Files that a person hands to the page, and gets from it. */
export interface Files {
  /** Offers a text for saving. */
  readonly save: (name: string, type: string, text: string) => void;
  /** The same of something large, which the browser may hold on its disk. */
  readonly saveBlob: (name: string, blob: Blob) => void;
}

/** Saved by a link to a blob: nothing goes through the relay, so it works offline too. */
export const createFiles = (document: Document): Files => {
  const saveBlob = (name: string, blob: Blob): void => {
    const url = URL.createObjectURL(blob);
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    // the browser has taken the blob by the time the click has been handled
    URL.revokeObjectURL(url);
  };
  return { save: (name, type, text) => saveBlob(name, new Blob([text], { type })), saveBlob };
};
