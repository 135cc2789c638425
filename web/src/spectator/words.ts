import { signal } from '@preact/signals';

/**
 * Every text of this page. `{name}` is filled in. English is here because the page begins with it; another language is a
 * table of the same names that is loaded when somebody reads it. A test keeps the tables alike and the page free of
 * other texts.
 */
export const ENGLISH = {  results: 'results',
  skip: 'Skip to content',
  language: 'Language',
  allEvents: 'All events',
  events: 'Events',
  liveResults: 'Live results',
  announcer: 'Announcer',

  groupLive: 'Live now',
  groupNext: 'Coming up',
  groupPast: 'Results',
  noEvents: 'No published events yet',
  noEventsWhy: 'An event appears here as soon as its organiser publishes the start list. This page looks for it by itself.',
  noEvent: 'There is no such event',
  noEventWhy: 'The link may be mistyped, or the organiser has not published the event (yet). This page looks for it by itself.',

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

  race: 'Race',
  raceClock: 'Race time',
  startsIn: 'Starts in',
  startsAt: 'Start {time}',
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
  allCategories: 'All categories',
  sex: 'Sex',
  overall: 'Overall',
  F: 'Women',
  M: 'Men',
  X: 'Diverse',
  runnerPart: 'Runner',
  runner: '1 runner',
  runners: '{n} runners',
  shown: '{n} of {total} shown',
  showMore: 'Show more',
  nobodyFound: 'Nobody found for “{text}”',
  nobodyFoundWhy: 'Try the whole bib number, or only a part of the name. Runners appear once a mat has seen them.',
  noResults: 'No results yet',
  noResultsWhy: 'The first runner appears within seconds of crossing the line.',
  notStarted: 'Not started yet',
  notStartedWhy: 'Results appear here by themselves once the race is on.',
  nobodyInGroup: 'Nobody here yet',
  nobodyInGroupWhy: 'Nobody of this group has been seen at a mat.',
  resultsOf: 'Results of {race}',

  place: 'Place',
  placeShort: 'Pl.',
  bib: 'Bib',
  bibOf: 'Bib {bib}',
  name: 'Name',
  club: 'Club',
  net: 'Net',
  gun: 'Gun',
  netGun: 'Net / gun',
  netTime: 'Net time',
  gunTime: 'Gun time',
  time: 'Time',
  behind: 'Behind',
  onCourse: 'on course',
  DNS: 'Did not start',
  DNF: 'Did not finish',
  DSQ: 'Disqualified',
  placeOverall: 'Overall',
  placeCategory: 'In category',
  placeSex: 'By sex',

  point: 'Point',
  splits: 'Splits',
  lastSeen: 'Last seen',
  next: 'Next',
  expected: 'Expected',
  expectedAt: 'expected {time}',
  expectedNote: 'Expected times are estimates from the pace so far.',
  nobodyOnCourse: 'Nobody is on the course',
  nobodyOnCourseWhy: 'Runners appear here between the start and the finish.',
  onCourseSome: 'The first {n} of {total} on the course; look for others by name or bib under Results.',
  entered: '{n} entered',
  noStarters: 'Nobody entered yet',
  noStartersWhy: 'The start list appears here as the organiser enters it.',
  notSeen: 'Not seen at a mat yet',
  notSeenWhy: 'Times appear here within seconds of the first mat.',
  noRunner: 'No runner with bib {bib}',
  noRunnerWhy: 'Neither in the results nor in the start list of this race.',
  back: 'Back',

  addFavourite: 'Add {name} to favourites',
  removeFavourite: 'Remove {name} from favourites',
  favourite: 'Favourite',
  favouriteOf: '{name} as a favourite',
  noFavourites: 'No favourites yet',
  noFavouritesWhy: 'Tap the star beside a runner. Favourites stay on this device and are told to nobody.',
  favouritesFull: 'Up to {n} favourites for an event: remove one first.',
  favouritesRefused: 'This browser keeps nothing: favourites end with this page.',
  notify: 'Tell me about my favourites',
  notifyOff: 'Stop notifications',
  notifyWhy: 'When a favourite starts or finishes, and when results are official. Only while this page is open, also in the background; a phone that puts it to sleep shows nothing.',
  notifyOn: 'Notifications are on while this page is open.',
  notifyDenied: 'Your browser does not allow notifications from this page; its settings can change that.',
  toldStarted: '{name} has started',
  toldFinished: '{name} has finished',
  toldFinishedIn: '{time}, place {rank} (unofficial)',
  toldOfficial: 'Results are official',

  share: 'Share',
  shareTitle: 'Share this page',
  shareLink: 'Link',
  shareQr: 'QR code of this page’s address',
  shareWith: 'Share with an app…',
  copy: 'Copy',
  copied: 'Copied',
  copyRefused: 'Your browser does not allow it: select the link and copy it yourself.',
  close: 'Close',

  newVersion: 'A new version of this page is ready',
  newVersionWhy: 'Load it when it suits you; this page goes on until then.',
  loadNow: 'Load it now',
  kept: 'This page is kept on the device: it opens without a connection, with what was known last.',

  announcerNone: 'Nobody has come by yet',
  announcerNoneWhy: 'Whoever is read for the first time appears here, newest first.',
  unknownRunner: 'Unknown runner',
  toResults: 'To the results',
  dismiss: 'Dismiss',
} as const satisfies Readonly<Record<string, string>>;

export type Word = keyof typeof ENGLISH;
export type Words = Readonly<Record<Word, string>>;

/** Languages with the name each gives itself, and the way it writes numbers and days. */
export const LANGUAGES = [
  { code: 'en', name: 'English', locale: 'en-GB' },
  { code: 'de', name: 'Deutsch', locale: 'de-DE' },
] as const;
export type Language = (typeof LANGUAGES)[number]['code'];

/** The first language that somebody reads and this page speaks; English otherwise. */
export const languageFor = (wanted: readonly string[]): Language =>
  wanted.flatMap((tag) => LANGUAGES.filter((it) => tag.toLowerCase().split('-')[0] === it.code))[0]?.code ?? 'en';

const spoken = signal<{ readonly code: Language; readonly words: Words }>({ code: 'en', words: ENGLISH });

export const language = (): Language => spoken.value.code;

export const locale = (): string => LANGUAGES.find((it) => it.code === spoken.value.code)?.locale ?? 'en-GB';

/** Speaks another language from now on; whatever was said is drawn again. */
export const speak = async (code: Language): Promise<void> => {
  const words = code === 'de' ? (await import('./words-de.ts')).GERMAN : ENGLISH;
  spoken.value = { code, words };
};

/** A text in the language of now. */
export const say = (word: Word, values: Readonly<Record<string, string | number>> = {}): string =>
  spoken.value.words[word].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
