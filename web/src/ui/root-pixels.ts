/** Pixels of the page's `rem`. */
export const rootPixels = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
