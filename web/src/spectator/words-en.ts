/**
 * Every text of this page. `{name}` is filled in. English is at hand because the page begins with it; another language is a
 * table of the same names that is loaded when somebody reads it. A test keeps the tables alike and the page free of
 * other texts.
 */
export const ENGLISH = {
  results: 'results',
  skip: 'Skip to content',
  language: 'Language',
  allEvents: 'All events',
  events: 'Events',
  liveResults: 'Live results',
  announcer: 'Announcer',

  groupLive: 'Live now',
  groupNext: 'Coming up',
  groupPast: 'Results',
  noEvent: 'There is no such event',
  noEventWhy:
    'The link may be mistyped, or the organiser has not published the event (yet). This page looks for it by itself.',

  draft: 'In preparation',
  startlist: 'Not started yet',
  running: 'Live · unofficial',
  finished: 'Finished · unofficial',
  official: 'Official results',
  unofficialNote: 'Unofficial: places and times can still change until the organiser makes them official.',

  loading: 'Loading…',
  loadingFailed: 'This part could not be loaded',
  loadingFailedWhy: 'There is no connection, or the page has become newer meanwhile. Load it again.',
  reload: 'Load again',
  notLoaded: 'Not loaded yet',
  updated: 'Updated {time}',
  updating: 'As of {time}, updating…',
  lastUpdate: 'Last update {time}',
  final: 'Final · as of {time}',
  venueConnected: 'Venue connected',
  venueHeard: 'Venue last heard {time}',
  resultsFrom: 'What you see is from {ago}',
  offline: 'You are offline',
  noConnection: 'No connection',
  offlineCure: 'Your device is offline. It goes on by itself once you have a connection.',
  silentCure: 'The results server does not answer at the moment. The page keeps trying.',
  tryNow: 'Try now',
  seconds: '{n} s ago',
  minutes: '{n} min ago',
  hours: '{n} h ago',
  days: '{n} days ago',

  parts: 'Parts of the event',
  partResults: 'Results',
  partOnCourse: 'On course',
  partStart: 'Start list',
  partFavourites: 'Favourites',
  noRaces: 'No races yet',
  noRacesWhy: 'The organiser has not set up a race. This page looks for it by itself.',

  search: 'Search by bib, name or club',
  searchShort: 'Bib, name or club',
  category: 'Category',
  runner: '1 runner',
  runners: '{n} runners',
  shown: '{n} of {total} shown',
  showMore: 'Show more',
  resultsOf: 'Results of {race}',

  place: 'Place',
  placeShort: 'Pl.',
  bib: 'Bib',
  bibOf: 'Bib {bib}',
  name: 'Name',
  net: 'Net',
  gun: 'Gun',
  netGun: 'Net / gun',
  time: 'Time',
  behind: 'Behind',
  onCourse: 'on course',
  DNS: 'Did not start',
  DNF: 'Did not finish',
  DSQ: 'Disqualified',

  favourite: 'Favourite',
  favouritesFull: 'Up to {n} favourites for an event: remove one first.',
  favouritesRefused: 'This browser keeps nothing: favourites end with this page.',

  share: 'Share',

  kept: 'This page is kept on the device: it opens without a connection, with what was known last.',

  dismiss: 'Dismiss',
} as const satisfies Readonly<Record<string, string>>;

/** With the texts of the parts that are here. */
export const english: Record<string, string> = { ...ENGLISH };

/** Takes in the English texts of a part of the page. */
export const learn = (words: Readonly<Record<string, string>>): void => {
  Object.assign(english, words);
};
