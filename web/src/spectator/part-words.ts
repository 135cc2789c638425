import { learn } from './words-en.ts';

/** As `words-en.ts`, the texts of parts that are loaded when somebody wants them; each of those parts imports this. */
export const PART_ENGLISH = {
  nobodyFound: 'Nobody found for “{text}”',
  nobodyFoundWhy: 'Try the whole bib number, or only a part of the name. Runners appear once a mat has seen them.',
  noResults: 'No results yet',
  noResultsWhy: 'The first runner appears within seconds of crossing the line.',
  notStarted: 'Not started yet',
  notStartedWhy: 'Results appear here by themselves once the race is on.',
  nobodyInGroup: 'Nobody here yet',
  nobodyInGroupWhy: 'Nobody of this group has been seen at a mat.',
  race: 'Race',
  sex: 'Sex',
  group: 'Category or sex',
  overall: 'Overall',
  F: 'Women',
  M: 'Men',
  X: 'Diverse',

  noEvents: 'No published events yet',
  noEventsWhy:
    'An event appears here as soon as its organiser publishes the start list. This page looks for it by itself.',

  raceClock: 'Race time',
  startsIn: 'Starts in',

  runnerPart: 'Runner',

  club: 'Club',
  netTime: 'Net time',
  gunTime: 'Gun time',
  placeOverall: 'Overall',
  placeCategory: 'In category',
  placeSex: 'By sex',

  point: 'Point',
  splits: 'Splits',
  lastSeen: 'Last seen',
  next: 'Next',
  expectedAt: 'expected {time}',
  expectedNote: 'Expected times are estimates from the pace so far.',
  nobodyOnCourse: 'Nobody is on the course',
  nobodyOnCourseWhy: 'Runners appear here between the start and the finish.',
  onCourseSome: '{n} of {total} on the course are shown; look for others by name or bib under Results.',
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
  favouriteOf: 'Bib {bib} as a favourite',
  noFavourites: 'No favourites yet',
  noFavouritesWhy: 'Tap the star beside a runner. Favourites stay on this device and are told to nobody.',
  notify: 'Tell me about my favourites',
  notifyOff: 'Stop notifications',
  notifyWhy:
    'When a favourite starts or finishes, and when results are official. Only while this page is open, also in the background; a phone that puts it to sleep shows nothing.',
  notifyOn: 'Notifications are on while this page is open.',
  notifyDenied: 'Your browser does not allow notifications from this page; its settings can change that.',
  toldStarted: '{name} has started',
  toldFinished: '{name} has finished',
  toldFinishedIn: '{time}, place {rank} (unofficial)',
  toldOfficial: 'Results are official',

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
  loadingVersion: 'Loading the new version…',

  announcerNone: 'Nobody has come by yet',
  announcerNoneWhy: 'Whoever is read for the first time appears here, newest first.',
  unknownRunner: 'Unknown runner',
  toResults: 'To the results',
} as const satisfies Readonly<Record<string, string>>;

learn(PART_ENGLISH);
