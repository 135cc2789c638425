/** Row of `meta` that only the build's template of a database has: one with it is new. */
export const TEMPLATE_KEY = 'template';
