/** The secret of an invitation link stands in the fragment, which browsers send to nobody. */
export const tokenOfFragment = (fragment: string): string | null => {
  const token = new URLSearchParams(fragment.replace(/^#/, '')).get('token')?.trim() ?? '';
  return token === '' ? null : token;
};

/** An invitation link to a page of this relay. */
export const tokenLink = (origin: string, page: 'operate' | 'receive', token: string): string =>
  `${origin}/${page}#${new URLSearchParams({ token })}`;
