import { computed, signal } from '@preact/signals';

/**
 * Every text of this page, in every language that it speaks: one line a text. `{name}` is filled in. A test keeps
 * the columns complete and the page free of other texts.
 */
const WORDS = {
  results: ['results', 'Ergebnisse'],
  skip: ['Skip to content', 'Zum Inhalt springen'],
  language: ['Language', 'Sprache'],
  allEvents: ['All events', 'Alle Veranstaltungen'],
  events: ['Events', 'Veranstaltungen'],
  liveResults: ['Live results', 'Live-Ergebnisse'],
  announcer: ['Announcer', 'Moderation'],

  groupLive: ['Live now', 'Jetzt live'],
  groupNext: ['Coming up', 'Demnächst'],
  groupPast: ['Results', 'Ergebnisse'],
  noEvents: ['No published events yet', 'Noch keine Veranstaltung veröffentlicht'],
  noEventsWhy: [
    'An event appears here as soon as its organiser publishes the start list. This page looks for it by itself.',
    'Eine Veranstaltung erscheint hier, sobald der Veranstalter die Startliste veröffentlicht. Diese Seite sieht von selbst nach.',
  ],
  noEvent: ['There is no such event', 'Diese Veranstaltung gibt es nicht'],
  noEventWhy: [
    'The link may be mistyped, or the organiser has not published the event (yet). This page looks for it by itself.',
    'Vielleicht ist die Adresse falsch geschrieben, oder der Veranstalter hat sie (noch) nicht veröffentlicht. Diese Seite sieht von selbst nach.',
  ],

  draft: ['In preparation', 'In Vorbereitung'],
  startlist: ['Not started yet', 'Noch nicht gestartet'],
  running: ['Live · unofficial', 'Live · inoffiziell'],
  finished: ['Finished · unofficial', 'Beendet · inoffiziell'],
  official: ['Official results', 'Offizielle Ergebnisse'],
  unofficialNote: [
    'Unofficial: places and times can still change until the organiser makes them official.',
    'Inoffiziell: Plätze und Zeiten können sich ändern, bis der Veranstalter sie für offiziell erklärt.',
  ],

  loading: ['Loading…', 'Wird geladen …'],
  loadingFailed: ['This part could not be loaded', 'Dieser Teil konnte nicht geladen werden'],
  loadingFailedWhy: [
    'There is no connection, or the page has become newer meanwhile. Load it again.',
    'Es fehlt die Verbindung, oder die Seite ist inzwischen neuer. Bitte neu laden.',
  ],
  reload: ['Load again', 'Neu laden'],
  notLoaded: ['Not loaded yet', 'Noch nicht geladen'],
  updated: ['Updated {time}', 'Stand {time}'],
  updating: ['As of {time}, updating…', 'Stand {time}, wird aktualisiert …'],
  lastUpdate: ['Last update {time}', 'Letzter Stand {time}'],
  final: ['Final · as of {time}', 'Endgültig · Stand {time}'],
  resultsFrom: ['What you see is from {ago}', 'Was Sie sehen, ist {ago} alt'],
  offline: ['You are offline', 'Sie sind offline'],
  noConnection: ['No connection', 'Keine Verbindung'],
  offlineCure: [
    'Your device is offline. It goes on by itself once you have a connection.',
    'Ihr Gerät ist offline. Es geht von selbst weiter, sobald es wieder Verbindung hat.',
  ],
  silentCure: [
    'The results server does not answer at the moment. The page keeps trying.',
    'Der Ergebnis-Server antwortet gerade nicht. Die Seite versucht es weiter.',
  ],
  tryNow: ['Try now', 'Jetzt versuchen'],
  seconds: ['{n} s ago', '{n} s'],
  minutes: ['{n} min ago', '{n} min'],
  hours: ['{n} h ago', '{n} h'],
  days: ['{n} days ago', '{n} Tage'],

  race: ['Race', 'Lauf'],
  raceClock: ['Race time', 'Laufzeit'],
  startsIn: ['Starts in', 'Start in'],
  startsAt: ['Start {time}', 'Start {time}'],
  parts: ['Parts of the event', 'Teile der Veranstaltung'],
  partResults: ['Results', 'Ergebnisse'],
  partOnCourse: ['On course', 'Unterwegs'],
  partStart: ['Start list', 'Startliste'],
  partFavourites: ['Favourites', 'Favoriten'],
  noRaces: ['No races yet', 'Noch kein Lauf'],
  noRacesWhy: [
    'The organiser has not set up a race. This page looks for it by itself.',
    'Der Veranstalter hat noch keinen Lauf angelegt. Diese Seite sieht von selbst nach.',
  ],

  search: ['Search by bib, name or club', 'Suche nach Startnummer, Name oder Verein'],
  searchShort: ['Bib, name or club', 'Startnummer, Name, Verein'],
  category: ['Category', 'Klasse'],
  allCategories: ['All categories', 'Alle Klassen'],
  sex: ['Sex', 'Geschlecht'],
  overall: ['Overall', 'Gesamt'],
  F: ['Women', 'Frauen'],
  M: ['Men', 'Männer'],
  X: ['Diverse', 'Divers'],
  runnerPart: ['Runner', 'Person'],
  runner: ['1 runner', '1 Person'],
  runners: ['{n} runners', '{n} Personen'],
  shown: ['{n} of {total} shown', '{n} von {total} angezeigt'],
  showMore: ['Show more', 'Mehr anzeigen'],
  nobodyFound: ['Nobody found for “{text}”', 'Niemand gefunden für „{text}“'],
  nobodyFoundWhy: [
    'Try the whole bib number, or only a part of the name. Runners appear once a mat has seen them.',
    'Versuchen Sie die ganze Startnummer oder nur einen Teil des Namens. Wer noch über keine Matte lief, erscheint hier nicht.',
  ],
  noResults: ['No results yet', 'Noch keine Ergebnisse'],
  noResultsWhy: [
    'The first runner appears within seconds of crossing the line.',
    'Die Ersten erscheinen Sekunden nach dem Zieleinlauf.',
  ],
  notStarted: ['Not started yet', 'Noch nicht gestartet'],
  notStartedWhy: [
    'Results appear here by themselves once the race is on.',
    'Ergebnisse erscheinen hier von selbst, sobald der Lauf beginnt.',
  ],
  nobodyInGroup: ['Nobody here yet', 'Hier ist noch niemand'],
  nobodyInGroupWhy: [
    'Nobody of this group has been seen at a mat.',
    'Aus dieser Gruppe lief noch niemand über eine Matte.',
  ],
  resultsOf: ['Results of {race}', 'Ergebnisse {race}'],

  place: ['Place', 'Platz'],
  placeShort: ['Pl.', 'Pl.'],
  bib: ['Bib', 'Nr.'],
  bibOf: ['Bib {bib}', 'Nr. {bib}'],
  name: ['Name', 'Name'],
  club: ['Club', 'Verein'],
  net: ['Net', 'Netto'],
  gun: ['Gun', 'Brutto'],
  netGun: ['Net / gun', 'Netto / brutto'],
  netTime: ['Net time', 'Nettozeit'],
  gunTime: ['Gun time', 'Bruttozeit'],
  time: ['Time', 'Zeit'],
  behind: ['Behind', 'Rückstand'],
  onCourse: ['on course', 'unterwegs'],
  DNS: ['Did not start', 'Nicht gestartet'],
  DNF: ['Did not finish', 'Nicht im Ziel'],
  DSQ: ['Disqualified', 'Disqualifiziert'],
  placeOverall: ['Overall', 'Gesamt'],
  placeCategory: ['In category', 'In der Klasse'],
  placeSex: ['By sex', 'Nach Geschlecht'],

  point: ['Point', 'Messpunkt'],
  splits: ['Splits', 'Zwischenzeiten'],
  lastSeen: ['Last seen', 'Zuletzt'],
  next: ['Next', 'Nächster'],
  expected: ['Expected', 'Erwartet'],
  expectedAt: ['expected {time}', 'erwartet {time}'],
  expectedNote: [
    'Expected times are estimates from the pace so far.',
    'Erwartete Zeiten sind Schätzungen aus dem bisherigen Tempo.',
  ],
  nobodyOnCourse: ['Nobody is on the course', 'Niemand ist unterwegs'],
  nobodyOnCourseWhy: [
    'Runners appear here between the start and the finish.',
    'Hier erscheint, wer zwischen Start und Ziel ist.',
  ],
  onCourseSome: [
    'The first {n} of {total} on the course; look for others by name or bib under Results.',
    'Die ersten {n} von {total}; andere finden Sie mit Name oder Nummer unter Ergebnisse.',
  ],
  entered: ['{n} entered', '{n} gemeldet'],
  noStarters: ['Nobody entered yet', 'Noch niemand gemeldet'],
  noStartersWhy: [
    'The start list appears here as the organiser enters it.',
    'Die Startliste erscheint hier, sobald der Veranstalter sie einträgt.',
  ],
  notSeen: ['Not seen at a mat yet', 'Noch über keine Matte gelaufen'],
  notSeenWhy: [
    'Times appear here within seconds of the first mat.',
    'Zeiten erscheinen hier Sekunden nach der ersten Matte.',
  ],
  noRunner: ['No runner with bib {bib}', 'Niemand mit Nummer {bib}'],
  noRunnerWhy: ['Neither in the results nor in the start list of this race.', 'Weder in den Ergebnissen noch in der Startliste dieses Laufs.'],
  back: ['Back', 'Zurück'],

  addFavourite: ['Add {name} to favourites', '{name} zu Favoriten hinzufügen'],
  removeFavourite: ['Remove {name} from favourites', '{name} aus Favoriten entfernen'],
  favourite: ['Favourite', 'Favorit'],
  favouriteOf: ['{name} as a favourite', '{name} als Favorit'],
  noFavourites: ['No favourites yet', 'Noch keine Favoriten'],
  noFavouritesWhy: [
    'Tap the star beside a runner. Favourites stay on this device and are told to nobody.',
    'Tippen Sie auf den Stern neben einer Person. Favoriten bleiben auf diesem Gerät und werden niemandem mitgeteilt.',
  ],
  favouritesFull: [
    'Up to {n} favourites for an event: remove one first.',
    'Bis zu {n} Favoriten je Veranstaltung: Entfernen Sie erst einen.',
  ],
  favouritesRefused: [
    'This browser keeps nothing: favourites end with this page.',
    'Dieser Browser speichert nichts: Favoriten enden mit dieser Seite.',
  ],
  notify: ['Tell me about my favourites', 'Über meine Favoriten benachrichtigen'],
  notifyOff: ['Stop notifications', 'Benachrichtigungen beenden'],
  notifyWhy: [
    'When a favourite starts or finishes, and when results are official. Only while this page is open, also in the background; a phone that puts it to sleep shows nothing.',
    'Wenn ein Favorit startet oder ins Ziel kommt und wenn Ergebnisse offiziell sind. Nur solange diese Seite offen ist, auch im Hintergrund; legt das Telefon sie schlafen, kommt nichts.',
  ],
  notifyOn: ['Notifications are on while this page is open.', 'Benachrichtigungen sind an, solange diese Seite offen ist.'],
  notifyDenied: [
    'Your browser does not allow notifications from this page; its settings can change that.',
    'Ihr Browser erlaubt dieser Seite keine Benachrichtigungen; das lässt sich in seinen Einstellungen ändern.',
  ],
  toldStarted: ['{name} has started', '{name} ist gestartet'],
  toldFinished: ['{name} has finished', '{name} ist im Ziel'],
  toldFinishedIn: ['{time}, place {rank} (unofficial)', '{time}, Platz {rank} (inoffiziell)'],
  toldOfficial: ['Results are official', 'Ergebnisse sind offiziell'],

  share: ['Share', 'Teilen'],
  shareTitle: ['Share this page', 'Diese Seite teilen'],
  shareLink: ['Link', 'Link'],
  shareQr: ['QR code of this page’s address', 'QR-Code der Adresse dieser Seite'],
  shareWith: ['Share with an app…', 'Mit einer App teilen …'],
  copy: ['Copy', 'Kopieren'],
  copied: ['Copied', 'Kopiert'],
  copyRefused: [
    'Your browser does not allow it: select the link and copy it yourself.',
    'Ihr Browser erlaubt es nicht: Markieren Sie den Link und kopieren Sie ihn selbst.',
  ],
  close: ['Close', 'Schließen'],

  newVersion: ['A new version of this page is ready', 'Eine neue Fassung dieser Seite ist bereit'],
  newVersionWhy: [
    'Load it when it suits you; this page goes on until then.',
    'Laden Sie sie, wann es passt; bis dahin geht diese Seite weiter.',
  ],
  loadNow: ['Load it now', 'Jetzt laden'],
  kept: [
    'This page is kept on the device: it opens without a connection, with what was known last.',
    'Diese Seite ist auf dem Gerät gespeichert: Sie öffnet auch ohne Verbindung, mit dem letzten bekannten Stand.',
  ],

  announcerNone: ['Nobody has come by yet', 'Noch ist niemand vorbeigekommen'],
  announcerNoneWhy: [
    'Whoever is read for the first time appears here, newest first.',
    'Wer zum ersten Mal erfasst wird, erscheint hier, die Neuesten zuerst.',
  ],
  unknownRunner: ['Unknown runner', 'Unbekannt'],
  toResults: ['To the results', 'Zu den Ergebnissen'],
  dismiss: ['Dismiss', 'Schließen'],
} as const satisfies Readonly<Record<string, readonly [en: string, de: string]>>;

export type Word = keyof typeof WORDS;

/** Languages by their column, with the name each gives itself and the way it writes numbers and days. */
export const LANGUAGES = [
  { code: 'en', name: 'English', locale: 'en-GB' },
  { code: 'de', name: 'Deutsch', locale: 'de-DE' },
] as const;
export type Language = (typeof LANGUAGES)[number]['code'];

/** The first language that somebody reads and this page speaks; English otherwise. */
export const languageFor = (wanted: readonly string[]): Language =>
  wanted.flatMap((tag) => LANGUAGES.filter((it) => tag.toLowerCase().split('-')[0] === it.code))[0]?.code ?? 'en';

/** What the page speaks now. */
export const language = signal<Language>('en');

const column = computed(() => (language.value === 'de' ? 1 : 0));

export const locale = (): string => LANGUAGES[column.value].locale;

/** A text in the language of now; a component that asks is drawn again when the language changes. */
export const say = (word: Word, values: Readonly<Record<string, string | number>> = {}): string =>
  WORDS[word][column.value].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** For the test that keeps the table complete. */
export const TABLE: Readonly<Record<Word, readonly [string, string]>> = WORDS;
