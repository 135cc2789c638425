/** Which page the address means. */
export type Route = { readonly type: 'events' } | { readonly type: 'event'; readonly eventId: string };

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
};

export const routeOf = (path: string): Route => {
  const eventId = decoded(/^\/e\/([^/]+)\/?$/.exec(path)?.[1] ?? '');
  return eventId === null || eventId === '' ? { type: 'events' } : { type: 'event', eventId };
};

export const eventHref = (eventId: string): string => `/e/${encodeURIComponent(eventId)}`;

/** The race that the address asks for. */
export const raceOf = (search: string): string | null => new URLSearchParams(search).get('race');
