/** Where a key leads from a row; null: it is no key of the list. */
export const nextIndex = (key: string, at: number, count: number, perPage: number): number | null => {
  const last = count - 1;
  const within = (index: number): number => Math.max(0, Math.min(last, index));
  switch (key) {
    case 'ArrowDown':
      return within(at + 1);
    case 'ArrowUp':
      return within(at - 1);
    case 'PageDown':
      return within(at + perPage);
    case 'PageUp':
      return within(at - perPage);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
};
