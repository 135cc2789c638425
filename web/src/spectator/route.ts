/** Which page the address means. */
export type Route =
  | { readonly type: 'events' }
  | { readonly type: 'event'; readonly eventId: string }
  | { readonly type: 'announcer'; readonly eventId: string };

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
};

export const routeOf = (path: string): Route => {
  const [, id = '', page] = /^\/e\/([^/]+)(\/announcer)?\/?$/.exec(path) ?? [];
  const eventId = decoded(id);
  if (eventId === null || eventId === '') return { type: 'events' };
  return { type: page === undefined ? 'event' : 'announcer', eventId };
};

export const eventHref = (eventId: string): string => `/e/${encodeURIComponent(eventId)}`;

const PARTS = ['results', 'oncourse', 'start', 'favourites'] as const;
export type Part = (typeof PARTS)[number];

/** What is looked at of an event; kept in the address, so that a link shows the same. */
export interface View {
  /** Null: whatever the event's status makes the first thing to see. */
  readonly part: Part | null;
  readonly raceId: string | null;
  readonly category: string | null;
  readonly sex: string | null;
  readonly search: string;
  /** A runner's page, in front of the part. */
  readonly bib: string | null;
}

const MAX_TEXT = 200;

export const viewOf = (search: string): View => {
  const query = new URLSearchParams(search);
  const text = (name: string): string | null => query.get(name)?.slice(0, MAX_TEXT) || null;
  const part = query.get('part');
  return {
    part: PARTS.find((it) => it === part) ?? null,
    raceId: text('race'),
    category: text('category'),
    sex: text('sex'),
    search: text('q') ?? '',
    bib: text('bib'),
  };
};

/** The query of an address; `?` alone is never left behind. */
export const viewHref = (eventId: string, view: View): string => {
  const query = new URLSearchParams();
  if (view.raceId !== null) query.set('race', view.raceId);
  if (view.part !== null) query.set('part', view.part);
  if (view.category !== null) query.set('category', view.category);
  if (view.sex !== null) query.set('sex', view.sex);
  if (view.search !== '') query.set('q', view.search);
  if (view.bib !== null) query.set('bib', view.bib);
  const text = query.toString();
  return text === '' ? eventHref(eventId) : `${eventHref(eventId)}?${text}`;
};
