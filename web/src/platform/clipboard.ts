/** False when the browser does not let this page write to the clipboard (no permission, or plain http). */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    // `navigator.clipboard` is absent on plain http: TypeError; a refusal is a DOMException.
    if (error instanceof DOMException || error instanceof TypeError) return false;
    throw error;
  }
};
